/**
 * How planning and scheduling grow from 1,000 to 10,000 calls: 13 times the
 * time and the memory are allowed for 10 times the calls. The plan is that of
 * the BUILT package (`planBatch`, two dependencies per call by access keys);
 * the scheduler is run from the SOURCES, on calls that do nothing. Memory is
 * what is live after a full collection: for a plan, the plan; for a schedule,
 * what the run holds when half of its calls have ended.
 */
import {
  type BatchPlan,
  type PlannableCall,
  planBatch,
  read,
  write,
} from "parallel-tools-node";
import { systemClock } from "../packages/parallel-tools-node/src/limits/clock.js";
import { createLimits } from "../packages/parallel-tools-node/src/limits/create-limits.js";
import { runSchedule } from "../test/support/run-schedule.js";
import { collectGarbage } from "./support/collect-garbage.js";
import { cpuTimeMs } from "./support/cpu-time.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { SeededRandom } from "./support/seeded-random.js";
import { median, quartiles } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const SMALL = 1_000;
const LARGE = 10_000;
const MOST = 13;
const ROUNDS = 25;
const MEMORY_ROUNDS = 7;

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

/** Figures by round. */
interface Sizes {
  readonly small: number[];
  readonly large: number[];
}

const SUBJECTS: Subject[] = [
  { name: "plan, 2 dependencies each", prepare: preparePlan(twoDependencies) },
  { name: "plan, readers of one key", prepare: preparePlan(readersOfOneKey) },
  { name: "schedule, no limits", prepare: prepareSchedule(undefined) },
  { name: "schedule, cap of 16", prepare: prepareSchedule(16) },
];

export async function scale(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const rows: string[][] = [];
  for (const { name, prepare } of SUBJECTS) {
    const small = prepare(SMALL);
    const large = prepare(LARGE);
    const edges = [await small(), await large()];
    const ms: Sizes = { small: [], large: [] };
    for (let round = -5; round < ROUNDS; round += 1) {
      // As many small runs as make one large one, so that both meet as much
      // garbage collection.
      const smallMs = await timeOf(small, LARGE / SMALL);
      const largeMs = await timeOf(large, 1);
      if (round < 0) continue;
      ms.small.push(smallMs);
      ms.large.push(largeMs);
    }
    const kb: Sizes = { small: [], large: [] };
    for (let round = 0; round < MEMORY_ROUNDS; round += 1) {
      // As many small batches at the same time as make a large one, so that
      // what the engine keeps for itself weighs as much in both.
      kb.small.push(await memoryOf(small, LARGE / SMALL));
      kb.large.push(await memoryOf(large, 1));
    }
    const ratio = edges[1]! / edges[0]!;
    rows.push(
      [name, "CPU time, ms", ...growthOf(ms, 2, targets)],
      [name, "memory, kB", ...growthOf(kb, 0, targets)],
      [
        name,
        "edges",
        `${edges[0]}`,
        `${edges[1]}`,
        ratio.toFixed(2),
        "",
        ...targets.atMost(MOST, ratio, 0),
      ],
    );
  }
  printTable(
    "scale: from 1,000 to 10,000 calls",
    [
      "",
      "",
      `${SMALL} calls`,
      `${LARGE} calls`,
      "ratio",
      "quartiles",
      "target",
      "",
    ],
    rows,
  );
  return targets.allMet;
}

/** The medians of both sizes, and of the ratio of each round, as cells. */
function growthOf(
  { small, large }: Sizes,
  digits: number,
  targets: Targets,
): string[] {
  const ratios = large.map((figure, round) => figure / small[round]!);
  return [
    median(small).toFixed(digits),
    median(large).toFixed(digits),
    median(ratios).toFixed(2),
    quartiles(ratios, 2),
    ...targets.atMost(MOST, median(ratios), 0),
  ];
}

/** Milliseconds of processor time per run. */
async function timeOf(run: Prepared, times: number): Promise<number> {
  const start = cpuTimeMs();
  for (let i = 0; i < times; i += 1) await run();
  return (cpuTimeMs() - start) / times;
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

function planOf(calls: readonly PlannableCall[]): BatchPlan {
  return planBatch(calls, {
    policies: {
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

function prepareSchedule(concurrency: number | undefined): Subject["prepare"] {
  return (size) => {
    const dependsOn = planOf(twoDependencies(size)).calls.map((call) =>
      call.dependsOn.map(({ index }) => index),
    );
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
          execute,
          judgeValue: () => ({ status: "ok" }),
          judgeError: (_, error) => ({ status: "error", error }),
          clock: systemClock,
        });
      });
      await Promise.all(runs);
      return dependsOn.reduce((sum, earlier) => sum + earlier.length, 0);
    };
  };
}

function countEdges(
  calls: readonly { readonly dependsOn: readonly unknown[] }[],
): number {
  return calls.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0);
}
