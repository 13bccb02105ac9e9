/**
 * Two ways to tell a batch inside of which call it runs, held against calls that are
 * told nothing: an async context of its own (`AsyncLocalStorage`), and a key in the
 * `configurable` of the config that LangChain hands on to what a tool runs. No-op
 * tools of LangChain, measured in turn in one process, each round in another order; a
 * ratio is taken within a round, and the median over rounds counts, for processor
 * time. The calls that are told nothing stand there twice: how far their ratio is
 * from 1 is how far the figures can be trusted. LangGraph has an async context of its
 * own in any case, so what is measured is one more.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { AIMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
// It sets LangChain's own async context up.
import "@langchain/langgraph";
import {
  createTools,
  measure,
  ratiosOf,
  type RunBatch,
} from "./support/measure-batches.js";
import { printTable } from "./support/print-table.js";
import { median, quartiles } from "./support/statistics.js";

const SIZES = [
  { calls: 10, rounds: 60 },
  { calls: 100, rounds: 60 },
  { calls: 1_000, rounds: 60 },
];
const KEY = "__parallel_tools_scope";

type ToolCalls = NonNullable<AIMessage["tool_calls"]>;

export async function scope(): Promise<boolean> {
  const ways = createWays();
  const rows: string[][] = [];
  for (const { calls, rounds } of SIZES) {
    const figures = await measure(Object.values(ways), calls, rounds);
    const plain = figures[0]!;
    Object.keys(ways).forEach((name, i) => {
      const ratios = ratiosOf(figures[i]!.cpu, plain.cpu);
      rows.push([
        name,
        calls.toLocaleString("en"),
        median(figures[i]!.cpu).toFixed(1),
        median(ratios).toFixed(3),
        quartiles(ratios, 3),
      ]);
    });
  }
  printTable(
    "scope: calls that are told what is around them against calls that aren't",
    ["told by", "calls", "us/call", "ratio", "quartiles"],
    rows,
  );
  return true;
}

function createWays(): Record<string, RunBatch> {
  const [tool] = createTools();
  const storage = new AsyncLocalStorage<object>();
  const config: RunnableConfig = {
    configurable: { thread_id: "1", checkpoint_ns: "tools" },
  };
  const run = (call: ToolCalls[number], own = config) =>
    tool!.invoke({ ...call, type: "tool_call" }, own);
  const all =
    (runCall: (call: ToolCalls[number]) => Promise<unknown>): RunBatch =>
    (message) =>
      Promise.all((message.tool_calls ?? []).map(runCall));
  return {
    nothing: all((call) => run(call)),
    "nothing, once more": all((call) => run(call)),
    "an async context": all((call) => storage.run({ call }, () => run(call))),
    "the config": all((call) => {
      const configurable = { ...config.configurable, [KEY]: { call } };
      return run(call, { ...config, configurable });
    }),
  };
}
