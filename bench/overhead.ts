/**
 * What a batch of no-op tools costs on our node, as a ratio to the stock
 * ToolNode. Measured is the BUILT package, end to end: `node.invoke` with a
 * message of n calls. The three nodes have the same tools and are measured in
 * turn in one process, each round in another order; a ratio is taken within a
 * round, of measurements that stand side by side, and the median over rounds
 * counts. The targets hold for processor time, which the load of the machine
 * disturbs least; the ratio by the clock on the wall stands beside it. So does
 * the stock node against itself, measured in the same way: how far that is from
 * 1 is how far the figures can be trusted.
 */
import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import {
  ParallelToolNode,
  read,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import { z } from "zod";
import { collectGarbage } from "./support/collect-garbage.js";
import { cpuTimeMs } from "./support/cpu-time.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { median, quartiles } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const MOST_CALLS = 10_000;
const NAMES = ["search", "fetch", "lookup", "store"];

/** Per measurement: as many batches as make some 200 calls. */
const SIZES = [
  { calls: 1, rounds: 120, target: 1.15 },
  { calls: 10, rounds: 120, target: 1.1 },
  { calls: 100, rounds: 120, target: 1.1 },
  { calls: 1_000, rounds: 40, target: 1.1 },
  { calls: 10_000, rounds: 24, target: 1.1 },
];
const LIMITED_TARGET = 1.35;

/** Each node stands next to each other one, before and after it. */
const ORDERS = [
  [0, 1, 2, 3],
  [3, 2, 1, 0],
  [1, 3, 0, 2],
  [2, 0, 3, 1],
] as const;

interface InvokableNode {
  invoke(input: { messages: AIMessage[] }): Promise<unknown>;
}

/** Microseconds per call, by round. */
interface Figures {
  readonly cpu: number[];
  readonly wall: number[];
}

export async function overhead(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const rows: string[][] = [];
  const nodes = createNodes();
  for (const { calls, rounds, target } of SIZES) {
    const [stock, again, ours, limited] = await measure(nodes, calls, rounds);
    const control = ratiosOf(again.cpu, stock.cpu);
    const variants: [string, Figures, number][] = [
      ["default options", ours, target],
      ["limits that don't bind", limited, LIMITED_TARGET],
    ];
    for (const [variant, figures, most] of variants) {
      const ratios = ratiosOf(figures.cpu, stock.cpu);
      rows.push([
        variant,
        calls.toLocaleString("en"),
        median(stock.cpu).toFixed(1),
        median(figures.cpu).toFixed(1),
        median(ratios).toFixed(3),
        quartiles(ratios, 2),
        median(ratiosOf(figures.wall, stock.wall)).toFixed(3),
        median(control).toFixed(3),
        ...targets.atMost(most, median(ratios)),
      ]);
    }
  }
  printTable(
    "overhead: the built package against the stock ToolNode, no-op tools",
    [
      "node",
      "calls",
      "stock us/call",
      "ours us/call",
      "ratio",
      "quartiles",
      "by wall",
      "stock/stock",
      "target",
      "",
    ],
    rows.toSorted((a, b) => (a[0]! < b[0]! ? -1 : Number(a[0] !== b[0]))),
  );
  return targets.allMet;
}

function ratiosOf(figures: readonly number[], stock: readonly number[]) {
  return figures.map((us, round) => us / stock[round]!);
}

/** Stock, stock once more, ours, ours with limits. */
function createNodes(): InvokableNode[] {
  const tools = NAMES.map((name) =>
    tool(() => "done", {
      name,
      description: "Does nothing.",
      schema: z.object({ id: z.number(), text: z.string() }),
    }),
  );
  const policy: ToolPolicy<{ id: number }> = {
    concurrency: 2 * MOST_CALLS,
    resources: "service",
    access: ({ id }) => [read(`from:${id}`), write(`to:${id}`)],
  };
  const limited = new ParallelToolNode(tools, {
    maxConcurrency: 2 * MOST_CALLS,
    resources: {
      service: {
        concurrency: 2 * MOST_CALLS,
        rateLimit: { limit: 1_000_000_000, intervalMs: 1_000 },
      },
    },
    policies: Object.fromEntries(NAMES.map((name) => [name, policy])),
  });
  return [
    new ToolNode(tools),
    new ToolNode(tools),
    new ParallelToolNode(tools),
    limited,
  ];
}

async function measure(
  nodes: readonly InvokableNode[],
  calls: number,
  rounds: number,
): Promise<[Figures, Figures, Figures, Figures]> {
  const input = { messages: [messageOf(calls)] };
  const batches = Math.ceil(200 / calls);
  const empty = () => ({ cpu: [], wall: [] });
  const figures: [Figures, Figures, Figures, Figures] = [
    empty(),
    empty(),
    empty(),
    empty(),
  ];
  // Once and not before each piece: a forced collection throws compiled code and
  // type feedback away. Changing orders give each node the others' garbage.
  collectGarbage();
  const warmUp = calls < MOST_CALLS ? 12 : 4;
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const which of ORDERS[(round + warmUp) % ORDERS.length]!) {
      const node = nodes[which]!;
      const wallStart = performance.now();
      const cpuStart = cpuTimeMs();
      for (let batch = 0; batch < batches; batch += 1) {
        await node.invoke(input);
      }
      const cpuMs = cpuTimeMs() - cpuStart;
      const wallMs = performance.now() - wallStart;
      if (round < 0) continue;
      figures[which].cpu.push((cpuMs * 1_000) / (batches * calls));
      figures[which].wall.push((wallMs * 1_000) / (batches * calls));
    }
  }
  return figures;
}

function messageOf(calls: number): AIMessage {
  return new AIMessage({
    content: "",
    tool_calls: Array.from({ length: calls }, (_, id) => ({
      name: NAMES[id % NAMES.length]!,
      args: { id, text: "some text" },
      id: `call_${id}`,
      type: "tool_call" as const,
    })),
  });
}
