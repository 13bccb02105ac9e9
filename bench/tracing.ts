/**
 * What following a batch costs, as a ratio to the same node that is not followed:
 * with a tracer for OpenTelemetry where no provider is registered, with a report,
 * and with spans that a provider makes and throws away. No-op tools, the BUILT
 * package, `node.invoke` end to end. The nodes are measured in turn in one
 * process, each round in another order, a ratio is taken within a round, and the
 * median over rounds counts. The targets are for processor time. The plain node
 * against itself stands beside it: how far that is from 1 is how far the figures
 * can be trusted. What a tracer without a provider does, once per batch, is too
 * little to be seen there, so it is measured by itself as well.
 */
import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  planBatch,
} from "parallel-tools-node";
import { openTelemetryTracer } from "parallel-tools-node/opentelemetry";
import { z } from "zod";
import { collectGarbage } from "./support/collect-garbage.js";
import { cpuTimeMs } from "./support/cpu-time.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { median, quartiles } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

/** Per measurement: as many batches as make some 200 calls. */
const SIZES = [
  { calls: 1, rounds: 160 },
  { calls: 10, rounds: 160 },
  { calls: 100, rounds: 120 },
  { calls: 1_000, rounds: 60 },
];
const WARM_UP = 10;
const MOST_WITHOUT_PROVIDER = 1.1;
/** Of the time of a batch of one call. */
const MOST_OF_A_BATCH = 0.02;
const BEGINNINGS = 100_000;

interface Contender {
  readonly name: string;
  readonly node: ParallelToolNode;
  readonly hasContexts?: boolean;
  readonly target?: number;
}

export async function tracing(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const contenders = createContenders();
  const rows: string[][] = [];
  let smallestBatchUs: number | undefined;
  for (const { calls, rounds } of SIZES) {
    const figures = await measure(contenders, calls, rounds);
    const plain = figures[0] as number[];
    smallestBatchUs ??= median(plain) * calls;
    contenders.forEach(({ name, target }, i) => {
      if (i === 0) return;
      const own = figures[i] as number[];
      const ratios = own.map((us, round) => us / plain[round]!);
      rows.push([
        name,
        calls.toLocaleString("en"),
        median(plain).toFixed(1),
        median(own).toFixed(1),
        median(ratios).toFixed(3),
        quartiles(ratios, 2),
        ...(target === undefined
          ? ["", ""]
          : targets.atMost(target, median(ratios))),
      ]);
    });
  }
  printTable(
    "tracing: a node that is followed against one that is not, no-op tools",
    [
      "node",
      "calls",
      "plain us/call",
      "us/call",
      "ratio",
      "quartiles",
      "target",
      "",
    ],
    rows.toSorted(
      (a, b) =>
        contenders.findIndex(({ name }) => name === a[0]) -
        contenders.findIndex(({ name }) => name === b[0]),
    ),
  );
  const share = beginUs() / (smallestBatchUs as number);
  const verdict = targets.atMost(MOST_OF_A_BATCH, share).join(", ");
  console.log(
    `\nasked without a provider, of a batch of one call: ${(100 * share).toFixed(2)}% of its time (${verdict})`,
  );
  return targets.allMet;
}

/** Microseconds in which a tracer finds that nobody wants spans. */
function beginUs(): number {
  const tracer = openTelemetryTracer();
  const plan = planBatch([{ name: "noop", args: { id: 0 } }]);
  let followed = 0;
  const rounds = Array.from({ length: 11 }, () => {
    const startMs = cpuTimeMs();
    for (let i = 0; i < BEGINNINGS; i += 1) {
      if (tracer.begin({ batchId: "b1", plan, beganAt: i }) !== undefined)
        followed += 1;
    }
    return ((cpuTimeMs() - startMs) * 1_000) / BEGINNINGS;
  });
  if (followed > 0) throw new Error("a provider is registered");
  return median(rounds);
}

function createContenders(): Contender[] {
  const noop = tool(() => "done", {
    name: "noop",
    description: "Does nothing.",
    schema: z.object({ id: z.number() }),
  });
  const nodeWith = (options: ParallelToolNodeOptions) =>
    new ParallelToolNode([noop], options);
  const provider = new BasicTracerProvider();
  return [
    { name: "plain", node: nodeWith({}) },
    { name: "plain once more", node: nodeWith({}) },
    {
      name: "tracer, no provider",
      node: nodeWith({ tracer: openTelemetryTracer() }),
      target: MOST_WITHOUT_PROVIDER,
    },
    { name: "onReport", node: nodeWith({ onReport: () => {} }) },
    {
      name: "tracer with spans",
      node: nodeWith({
        tracer: openTelemetryTracer({ tracerProvider: provider }),
      }),
      hasContexts: true,
    },
  ];
}

/** Microseconds per call, by contender and round. */
async function measure(
  contenders: readonly Contender[],
  calls: number,
  rounds: number,
): Promise<number[][]> {
  const input = { messages: [messageOf(calls)] };
  const batches = Math.ceil(200 / calls);
  const figures: number[][] = contenders.map(() => []);
  const order = contenders.map((_, i) => i);
  collectGarbage();
  for (let round = -WARM_UP; round < rounds; round += 1) {
    // Each comes first, last and next to each other one as often as another.
    const first = order.shift() as number;
    order.push(first);
    if (round % contenders.length === 0) order.reverse();
    for (const which of order) {
      const { node, hasContexts } = contenders[which] as Contender;
      if (hasContexts) {
        context.setGlobalContextManager(
          new AsyncLocalStorageContextManager().enable(),
        );
      }
      const startMs = cpuTimeMs();
      for (let batch = 0; batch < batches; batch += 1) {
        await node.invoke(input);
      }
      const cpuMs = cpuTimeMs() - startMs;
      if (hasContexts) context.disable();
      if (round >= 0) {
        figures[which]?.push((cpuMs * 1_000) / (batches * calls));
      }
    }
  }
  return figures;
}

function messageOf(calls: number): AIMessage {
  return new AIMessage({
    content: "",
    tool_calls: Array.from({ length: calls }, (_, id) => ({
      name: "noop",
      args: { id },
      id: `call_${id}`,
      type: "tool_call" as const,
    })),
  });
}
