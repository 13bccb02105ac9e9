/**
 * What planning and scheduling of 10,000 and of 100,000 calls take, as a ratio to
 * what the stock `ToolNode` takes for as many calls of tools that do nothing: at
 * most a tenth each. All are measured in turn in one process, each round in the
 * other order; a ratio is taken within a round, and the median over rounds counts.
 * Time is that of the processor. The plan is that of the BUILT package
 * (`planBatch`: two dependencies per call by access keys, readers of one key, half
 * of the calls after the other half); the scheduler is run from the SOURCES, on
 * calls that do nothing.
 *
 * And how edges and memory grow from 10,000 to 100,000 calls: 13 times is allowed
 * for 10 times the calls. Memory is what is live after a full collection: for a
 * plan, the plan; for a schedule, what the run holds when half of its calls have
 * started. Time has no such target: more memory than a cache holds costs more time
 * per call, whatever the algorithm.
 */
import { ToolNode } from "@langchain/langgraph/prebuilt";
import {
  type BatchPlan,
  type PlannableCall,
  planBatch,
  read,
  write,
} from "parallel-tools-node";
import { systemClock } from "../packages/parallel-tools-node/src/limits/clock.js";
import { createLimits } from "../packages/parallel-tools-node/src/limits/create-limits.js";
import { nodesOf } from "../packages/parallel-tools-node/src/plan/plan-calls.js";
import { runSchedule } from "../test/support/run-schedule.js";
import { collectGarbage } from "./support/collect-garbage.js";
import { cpuTimeMs } from "./support/cpu-time.js";
import { createTools, messageOf, ratiosOf } from "./support/measure-batches.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { SeededRandom } from "./support/seeded-random.js";
import { median, quartiles } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const SIZES = [
  { size: 10_000, warmUps: 2, rounds: 9 },
  { size: 100_000, warmUps: 1, rounds: 3 },
];
const SMALL = 10_000;
const LARGE = 100_000;
const MOST_OF_STOCK = 0.1;
const MOST_GROWTH = 13;
const MEMORY_ROUNDS = 3;

interface Subject {
  readonly name: string;
  /** Prepares a run of that size, outside of what is measured. */
  readonly prepare: (size: number) => Prepared;
}

/**
 * Runs `times` batches at the same time; calls `halfway`, if given, while all
 * that they hold is held. Gives the edges of a batch.
 */
type Prepared = (times?: number, halfway?: () => void) => Promise<number>;

const SUBJECTS: Subject[] = [
  { name: "plan, 2 dependencies each", prepare: preparePlan(twoDependencies) },
  { name: "plan, readers of one key", prepare: preparePlan(readersOfOneKey) },
  { name: "plan, half after half", prepare: preparePlan(halfAfterHalf) },
  {
    name: "schedule, no limits",
    prepare: prepareSchedule(twoDependencies, undefined),
  },
  {
    name: "schedule, cap of 16",
    prepare: prepareSchedule(twoDependencies, 16),
  },
  {
    name: "schedule, half after half",
    prepare: prepareSchedule(halfAfterHalf, undefined),
  },
];

export async function scale(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const rows: string[][] = [];
  for (const { size, warmUps, rounds } of SIZES) {
    rows.push(...(await compareWithStock(size, warmUps, rounds, targets)));
  }
  printTable(
    "scale: planning and scheduling against the stock ToolNode, no-op calls",
    ["", "calls", "stock ms", "ours ms", "ratio", "quartiles", "target", ""],
    rows.toSorted((a, b) => (a[0]! < b[0]! ? -1 : Number(a[0] !== b[0]))),
  );
  printTable(
    `scale: from ${count(SMALL)} to ${count(LARGE)} calls`,
    ["", "", count(SMALL), count(LARGE), "ratio", "target", ""],
    await growths(targets),
  );
  return targets.allMet;
}

/** A row for each subject: its time, and that of the stock node beside it. */
async function compareWithStock(
  size: number,
  warmUps: number,
  rounds: number,
  targets: Targets,
): Promise<string[][]> {
  const stock = new ToolNode(createTools());
  const messages = [messageOf(size)];
  const contenders: (() => Promise<unknown>)[] = [
    () => stock.invoke({ messages }),
    ...SUBJECTS.map(({ prepare }) => prepare(size)).map((run) => () => run()),
  ];
  const ms = contenders.map((): number[] => []);
  collectGarbage();
  for (let round = -warmUps; round < rounds; round += 1) {
    const order = [...contenders.keys()];
    if (round % 2 !== 0) order.reverse();
    for (const which of order) {
      const tookMs = await timeOf(contenders[which]!);
      if (round >= 0) ms[which]!.push(tookMs);
    }
  }
  const [stockMs, ...others] = ms;
  return SUBJECTS.map(({ name }, i) => {
    const ratios = ratiosOf(others[i]!, stockMs!);
    return [
      name,
      count(size),
      median(stockMs!).toFixed(0),
      median(others[i]!).toFixed(1),
      median(ratios).toFixed(3),
      quartiles(ratios, 3),
      ...targets.atMost(MOST_OF_STOCK, median(ratios)),
    ];
  });
}

/** Two rows for each subject: memory and edges of both sizes. */
async function growths(targets: Targets): Promise<string[][]> {
  const rows: string[][] = [];
  for (const { name, prepare } of SUBJECTS) {
    const small = prepare(SMALL);
    const large = prepare(LARGE);
    const edges = [await small(), await large()] as const;
    const kb = { small: [] as number[], large: [] as number[] };
    for (let round = 0; round < MEMORY_ROUNDS; round += 1) {
      // As many small batches at the same time as make a large one, so that
      // what the engine keeps for itself weighs as much in both.
      kb.small.push(await memoryOf(small, LARGE / SMALL));
      kb.large.push(await memoryOf(large, 1));
    }
    const memory = [median(kb.small), median(kb.large)] as const;
    rows.push(
      growthRow(name, "memory, kB", memory, targets),
      growthRow(name, "edges", edges, targets),
    );
  }
  return rows;
}

function growthRow(
  name: string,
  what: string,
  [small, large]: readonly [number, number],
  targets: Targets,
): string[] {
  const ratio = large / small;
  return [
    name,
    what,
    small.toFixed(0),
    large.toFixed(0),
    ratio.toFixed(2),
    ...targets.atMost(MOST_GROWTH, ratio, 0),
  ];
}

function count(calls: number): string {
  return calls.toLocaleString("en");
}

/** Milliseconds of processor time. */
async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const start = cpuTimeMs();
  await run();
  return cpuTimeMs() - start;
}

/** Kilobytes that each of `times` batches holds. */
async function memoryOf(run: Prepared, times: number): Promise<number> {
  const before = liveBytes();
  let held = Number.NaN;
  await run(times, () => {
    held = liveBytes() - before;
  });
  return held / 1_024 / times;
}

function liveBytes(): number {
  // What the first one sets free (weak references, code) may hold more.
  for (let i = 0; i < 3; i += 1) collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The earlier calls that each call depends on: two, and fewer for the first. */
function twoDependencies(size: number): PlannableCall[] {
  const random = new SeededRandom(size);
  return Array.from({ length: size }, (_, i) => {
    const reads = new Set<number>();
    while (reads.size < Math.min(2, i)) reads.add(random.integer(0, i - 1));
    return { name: "step", args: { reads: [...reads], writes: [i] } };
  });
}

/** A writer, `size` readers, a writer. */
function readersOfOneKey(size: number): PlannableCall[] {
  const writer = { name: "step", args: { reads: [], writes: [0] } };
  const reader = { name: "step", args: { reads: [0], writes: [] } };
  return [writer, ...Array.from({ length: size }, () => reader), writer];
}

/** Half of the calls come after the other half. */
function halfAfterHalf(size: number): PlannableCall[] {
  return Array.from({ length: size }, (_, i) => ({
    name: i < size / 2 ? "early" : "late",
    args: {},
  }));
}

function planOf(calls: readonly PlannableCall[]): BatchPlan {
  return planBatch(calls, {
    policies: {
      late: { after: ["early"] },
      step: {
        access: ({ reads, writes }: { reads: number[]; writes: number[] }) => [
          ...reads.map((key) => read(`${key}`)),
          ...writes.map((key) => write(`${key}`)),
        ],
      },
    },
  });
}

function preparePlan(
  callsOf: (size: number) => PlannableCall[],
): Subject["prepare"] {
  return (size) => {
    const calls = callsOf(size);
    return async (times = 1, halfway) => {
      const plans = Array.from({ length: times }, () => planOf(calls));
      halfway?.();
      return countEdges(plans.at(-1)!.calls);
    };
  };
}

function prepareSchedule(
  callsOf: (size: number) => PlannableCall[],
  concurrency: number | undefined,
): Subject["prepare"] {
  return (size) => {
    const { calls } = planOf(callsOf(size));
    const { dependsOn, groups } = nodesOf(calls, (index) => index);
    const edges = countEdges(calls);
    return async (times = 1, halfway) => {
      let started = 0;
      const execute = async () => {
        started += 1;
        if (started === (times * size) / 2) halfway?.();
      };
      const runs = Array.from({ length: times }, async () => {
        const limits = createLimits("node", { concurrency }, systemClock);
        await runSchedule({
          calls: dependsOn.map((earlier) => ({
            dependsOn: earlier,
            limits,
            cost: 1,
          })),
          groups,
          execute,
          judgeValue: () => ({ status: "ok" }),
          judgeError: (_, error) => ({ status: "error", error }),
          clock: systemClock,
        });
      });
      await Promise.all(runs);
      return edges;
    };
  };
}

function countEdges(
  calls: readonly { readonly dependsOn: readonly unknown[] }[],
): number {
  return calls.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0);
}
