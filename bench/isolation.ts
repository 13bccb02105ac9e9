/**
 * Whether a throttled tool delays a free one. One message holds 20 calls of a
 * tool that may start 5 times a second and 20 calls of a free tool that takes
 * 30 to 60 ms; counted is the time until the last free call has ended, over
 * the same 20 free calls alone on a node of the same kind, in the same round.
 * Alone they need no limiter, so the one queue for all is there only beside.
 * Measured is the BUILT package on real timers. A round begins when the free
 * calls of the one before have ended; its throttled ones run on meanwhile.
 */
import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode } from "parallel-tools-node";
import { z } from "zod";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { SeededRandom } from "./support/seeded-random.js";
import { median, quartiles } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const CALLS = 20;
const RATE = { limit: 5, intervalMs: 1_000 };
const TARGET = 1.05;
const ROUNDS = 60;
/** Not counted: they pay for compiling. */
const WARM_UP = 4;

const random = new SeededRandom(1);
const FREE_MS = Array.from({ length: CALLS }, () => random.integer(30, 60));

/** One message. Times are milliseconds since it was handed over. */
interface Run {
  /** When the last free call has ended. */
  readonly freeEnd: Promise<number>;
  /** When the throttled calls have started, once all have ended. */
  readonly throttledStarts: Promise<number[]>;
}

type Tool = ConstructorParameters<typeof ToolNode>[0][number];
/** A fresh node, since rate limits remember. */
type CreateNode = (tools: Tool[]) => ToolNode;
/** Wraps what the tools do, for a limiter inside the tools. */
type Wrap = (job: () => Promise<void>) => Promise<void>;

interface Contender {
  readonly name: string;
  readonly createNode: CreateNode;
  readonly createWrap?: () => Wrap;
  readonly rounds: number;
}

const CONTENDERS: Contender[] = [
  {
    name: "ours",
    createNode: (tools) =>
      new ParallelToolNode(tools, {
        policies: { throttled: { rateLimit: RATE } },
      }),
    rounds: ROUNDS,
  },
  {
    name: "stock, no limit",
    createNode: (tools) => new ToolNode(tools),
    rounds: ROUNDS,
  },
  {
    name: "one queue for all",
    createNode: (tools) => new ToolNode(tools),
    createWrap: createQueue,
    rounds: 2,
  },
];

interface Result {
  readonly alone: number[];
  readonly beside: number[];
  /** Throttled calls that started in one interval of the rate limit. */
  readonly mostStarts: number;
}

export async function isolation(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const rows: string[][] = [];
  for (const contender of CONTENDERS) {
    const { alone, beside, mostStarts } = await measure(contender);
    const ratios = beside.map((ms, round) => ms / alone[round]!);
    rows.push([
      contender.name,
      median(alone).toFixed(1),
      median(beside).toFixed(1),
      median(ratios).toFixed(3),
      quartiles(ratios, 3),
      `${mostStarts}`,
      ...(contender.name === "ours"
        ? verdictOf(targets, ratios, mostStarts)
        : []),
    ]);
  }
  printTable(
    `isolation: ${CALLS} free calls beside ${CALLS} calls at ${RATE.limit} a second, until the last free one ends`,
    [
      "node",
      "alone ms",
      "beside ms",
      "ratio",
      "quartiles",
      "throttled starts in 1 s",
      "target",
      "",
    ],
    rows,
  );
  return targets.allMet;
}

/** The ratio counts for nothing if the throttle doesn't hold. */
function verdictOf(
  targets: Targets,
  ratios: readonly number[],
  mostStarts: number,
): string[] {
  const [wanted, verdict] = targets.atMost(TARGET, median(ratios));
  const [, held] = targets.atMost(RATE.limit, mostStarts);
  return [`${wanted}, ${RATE.limit} starts`, held === "met" ? verdict : held];
}

async function measure(contender: Contender): Promise<Result> {
  const alone: number[] = [];
  const beside: number[] = [];
  const starts: Promise<number[]>[] = [];
  const warmUp = Math.min(WARM_UP, contender.rounds - 1);
  for (let round = -warmUp; round < contender.rounds; round += 1) {
    // One after the other, and each of them first in every other round.
    const order = [false, true];
    if (round % 2 !== 0) order.reverse();
    for (const withThrottled of order) {
      const run = runMessage(contender, withThrottled);
      const ms = await run.freeEnd;
      if (withThrottled) starts.push(run.throttledStarts);
      if (round >= 0) (withThrottled ? beside : alone).push(ms);
    }
  }
  const mostStarts = (await Promise.all(starts)).map(mostInInterval);
  return { alone, beside, mostStarts: Math.max(...mostStarts) };
}

function runMessage(
  { createNode, createWrap }: Contender,
  withThrottled: boolean,
): Run {
  const wrap =
    createWrap && withThrottled
      ? createWrap()
      : (job: () => Promise<void>) => job();
  const starts: number[] = [];
  let freeLeft = CALLS;
  let start = Number.NaN;
  let lastFreeEnded: (ms: number) => void;
  const freeEnd = new Promise<number>((resolve) => {
    lastFreeEnded = resolve;
  });
  const free = tool(
    async ({ i }) => {
      await wrap(() => sleep(FREE_MS[i]!));
      freeLeft -= 1;
      if (freeLeft === 0) lastFreeEnded(performance.now() - start);
      return "done";
    },
    { name: "free", description: "Free.", schema: z.object({ i: z.number() }) },
  );
  const throttled = tool(
    async () => {
      await wrap(async () => {
        starts.push(performance.now() - start);
        await sleep(10);
      });
      return "done";
    },
    {
      name: "throttled",
      description: "Throttled.",
      schema: z.object({ i: z.number() }),
    },
  );
  const names = withThrottled ? ["throttled", "free"] : ["free"];
  const message = new AIMessage({
    content: "",
    tool_calls: FREE_MS.flatMap((_, i) =>
      names.map((name) => ({
        name,
        args: { i },
        id: `${name}_${i}`,
        type: "tool_call" as const,
      })),
    ),
  });
  const node = createNode([free, throttled]);
  start = performance.now();
  const ended = node.invoke({ messages: [message] });
  return { freeEnd, throttledStarts: ended.then(() => starts) };
}

/** One queue for every tool call, at the pace of the tool that has a limit. */
function createQueue(): Wrap {
  let next = 0;
  return async (job) => {
    const now = performance.now();
    const at = Math.max(now, next);
    next = at + RATE.intervalMs / RATE.limit;
    await sleep(at - now);
    await job();
  };
}

/**
 * The most of `times` in any interval of the rate limit. A tool sees its start
 * some milliseconds after its admission, the first ones of a message most.
 */
function mostInInterval(times: readonly number[]): number {
  return Math.max(
    ...times.map(
      (from) =>
        times.filter((at) => at >= from && at < from + RATE.intervalMs - 50)
          .length,
    ),
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
