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
 *
 * In the same way, calls that run a message of calls inside of them: where a node has
 * limits, each running call is known to what runs inside of it (decision 0038).
 *
 * In the same way, agents of `createAgent` with and without the middleware, from
 * the user's message to the end, with a model that costs nothing.
 */
import { HumanMessage } from "@langchain/core/messages";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { createAgent, createMiddleware } from "langchain";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  read,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { AskingModel } from "./support/asking-model.js";
import {
  createTools,
  type Figures,
  measure,
  messageOf,
  MOST_CALLS,
  NAMES,
  ratiosOf,
  type RunBatch,
} from "./support/measure-batches.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { median, quartiles } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const SIZES = [
  { calls: 1, rounds: 120, target: 1.15 },
  { calls: 10, rounds: 120, target: 1.1 },
  { calls: 100, rounds: 120, target: 1.1 },
  { calls: 1_000, rounds: 40, target: 1.1 },
  { calls: 10_000, rounds: 24, target: 1.1 },
];
const LIMITED_TARGET = 1.35;

/** Of calls that each run a message of so many calls inside of them. */
const CALLS_INSIDE = 10;
const MOST_OUTER_CALLS = 10;
const NESTED_SIZES = [
  { calls: 1, rounds: 40 },
  { calls: MOST_OUTER_CALLS, rounds: 24 },
];

/** Of agents, whose calls cost a graph each. */
const AGENT_SIZES = [
  { calls: 10, rounds: 60, target: 1.15 },
  { calls: 100, rounds: 60, target: 1.15 },
];

type Tools = ReturnType<typeof createTools>;

/** Contenders: stock, stock once more, then those that are held against it. */
interface Field {
  readonly contenders: readonly RunBatch[];
  /** What is held against the stock one, in the order of the contenders. */
  readonly variants: readonly { readonly name: string; target?: number }[];
}

export async function overhead(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const nodes = createNodes();
  const rows: string[][] = [];
  for (const { calls, rounds, target } of SIZES) {
    const variants = [
      { name: "default options", target },
      { name: "limits that don't bind", target: LIMITED_TARGET },
    ];
    const field = { contenders: nodes, variants };
    rows.push(...(await compare(field, calls, rounds, targets)));
  }
  printOverhead(
    "overhead: the built package against the stock ToolNode, no-op tools",
    rows,
  );
  const nested = createNestedNodes();
  const nestedRows: string[][] = [];
  for (const { calls, rounds } of NESTED_SIZES) {
    const variants = [
      { name: "default options", target: 1.1 },
      { name: "limits that don't bind", target: LIMITED_TARGET },
    ];
    const field = { contenders: nested, variants };
    nestedRows.push(...(await compare(field, calls, rounds, targets)));
  }
  printOverhead(
    `overhead: calls that each run a message of ${CALLS_INSIDE} calls on the same node, per call of the outer one`,
    nestedRows,
  );
  for (const version of ["v1", "v2"] as const) {
    const agentRows: string[][] = [];
    const contenders = createAgents(version);
    for (const { calls, rounds, target } of AGENT_SIZES) {
      const variants = [
        { name: "the middleware", target },
        { name: "a middleware that does nothing" },
      ];
      const field = { contenders, variants };
      agentRows.push(...(await compare(field, calls, rounds, targets)));
    }
    printOverhead(
      `overhead: createAgent ${version} with and without the middleware, no-op tools`,
      agentRows,
    );
  }
  return targets.allMet;
}

async function compare(
  { contenders, variants }: Field,
  calls: number,
  rounds: number,
  targets: Targets,
): Promise<string[][]> {
  const [stock, again, ...others] = await measure(contenders, calls, rounds);
  const control = ratiosOf(again!.cpu, stock!.cpu);
  return variants.map(({ name, target }, i) => {
    const figures = others[i] as Figures;
    const ratios = ratiosOf(figures.cpu, stock!.cpu);
    const verdict =
      target === undefined ? [] : targets.atMost(target, median(ratios));
    return [
      name,
      calls.toLocaleString("en"),
      median(stock!.cpu).toFixed(1),
      median(figures.cpu).toFixed(1),
      median(ratios).toFixed(3),
      quartiles(ratios, 2),
      median(ratiosOf(figures.wall, stock!.wall)).toFixed(3),
      median(control).toFixed(3),
      ...verdict,
    ];
  });
}

function printOverhead(title: string, rows: string[][]): void {
  printTable(
    title,
    [
      "with",
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
}

/** Options with limits of every kind, at which no call ever waits. */
export function limitsThatDontBind(): ParallelToolNodeOptions {
  const policy: ToolPolicy<{ id: number }> = {
    concurrency: 2 * MOST_CALLS,
    resources: "service",
    access: ({ id }) => [read(`from:${id}`), write(`to:${id}`)],
  };
  return {
    maxConcurrency: 2 * MOST_CALLS,
    resources: {
      service: {
        concurrency: 2 * MOST_CALLS,
        rateLimit: { limit: 1_000_000_000, intervalMs: 1_000 },
      },
    },
    policies: Object.fromEntries(NAMES.map((name) => [name, policy])),
  };
}

/** Stock, stock once more, ours, ours with limits. */
function createNodes(): RunBatch[] {
  const tools = createTools();
  const limited = new ParallelToolNode(tools, limitsThatDontBind());
  return [
    new ToolNode(tools),
    new ToolNode(tools),
    new ParallelToolNode(tools),
    limited,
  ].map((node) => (message) => node.invoke({ messages: [message] }));
}

/**
 * The same four: each call runs a message of its own on a node of its kind. No two
 * of these messages share state, so that no call waits.
 */
function createNestedNodes(): RunBatch[] {
  const messages = Array.from({ length: MOST_OUTER_CALLS }, (_, id) =>
    messageOf(CALLS_INSIDE, (1 + id) * CALLS_INSIDE),
  );
  const create = [
    (tools: Tools) => new ToolNode(tools),
    (tools: Tools) => new ToolNode(tools),
    (tools: Tools) => new ParallelToolNode(tools),
    (tools: Tools) => new ParallelToolNode(tools, limitsThatDontBind()),
  ];
  return create.map((createNode) => {
    const inner = createNode(createTools());
    const outer = createNode(
      createTools(async ({ id }) => {
        await inner.invoke({ messages: [messages[id]!] });
        return "done";
      }),
    );
    return (message) => outer.invoke({ messages: [message] });
  });
}

/** No middleware, none once more, ours, one that hands each call on. */
function createAgents(version: "v1" | "v2"): RunBatch[] {
  const tools = createTools();
  const idle = () =>
    createMiddleware({
      name: "idle",
      wrapToolCall: (request, handler) => handler(request),
      wrapModelCall: (request, handler) => handler(request),
    });
  return [[], [], [parallelToolsMiddleware()], [idle()]].map((middleware) => {
    const model = new AskingModel({});
    const agent = createAgent({ model, tools, middleware, version } as never);
    return (message) => {
      model.message = message;
      const messages = [new HumanMessage("Go.")];
      return agent.invoke({ messages } as never);
    };
  });
}
