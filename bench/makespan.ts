/**
 * How long a batch with dependencies takes, over a lower bound that no schedule
 * can beat, beside what one would use instead. On a fake clock the SOURCES of
 * the scheduler run 300 seeded DAGs per kind of caps. On real timers the BUILT
 * package runs a part of them end to end, as messages to the node; there the
 * bounds are those of the durations as measured.
 *
 * A violation is a makespan beyond what any runner can take that never leaves a
 * call waiting that could start.
 */
import { FakeClock } from "../test/support/fake-clock.js";
import { createLimits } from "../packages/parallel-tools-node/src/limits/create-limits.js";
import type { Clock } from "../packages/parallel-tools-node/src/limits/clock.js";
import type { Limit } from "../packages/parallel-tools-node/src/limits/limit.js";
import { runSchedule } from "../test/support/run-schedule.js";
import { boundsOf } from "./support/lower-bound.js";
import { runOnNode } from "./support/node-scheduler.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import {
  levelBarriers,
  oneAtATime,
  promisesAndPLimit,
  type Scheduler,
  type Work,
} from "./support/schedulers.js";
import { SeededRandom } from "./support/seeded-random.js";
import {
  type Caps,
  seededWorkload,
  type Workload,
} from "./support/seeded-workload.js";
import { mean, quantile } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const DAGS = 300;
const REAL_DAGS = 48;
/** Batches on real timers that run at the same time, so that it doesn't take ages. */
const SIDE_BY_SIDE = 6;
const SIGMA = 0.75;

const FAKE: { caps: Caps; target: number }[] = [
  { caps: "none", target: 1.01 },
  { caps: "node", target: 1.08 },
  { caps: "resources", target: 1.08 },
  { caps: "node and resources", target: 1.08 },
];
const REAL: { caps: Caps; target: number }[] = [
  { caps: "node", target: 1.1 },
  { caps: "resources", target: 1.1 },
  { caps: "node and resources", target: 1.1 },
];
const OTHERS: [string, Scheduler][] = [
  ["promises and p-limit", promisesAndPLimit],
  ["level barriers", levelBarriers],
  ["one at a time", oneAtATime],
];

interface Run {
  readonly ratio: number;
  readonly isViolation: boolean;
}

export async function makespan(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const rows: string[][] = [];
  for (const { caps, target } of FAKE) {
    const workloads = seededWorkloads(DAGS, caps, { medianMs: 100 });
    rows.push(
      toRow(caps, "ours", await onFakeClock(workloads), targets, target),
    );
    for (const [name, scheduler] of OTHERS) {
      const runs = await onFakeClock(workloads, () => scheduler);
      rows.push(toRow(caps, name, runs));
    }
  }
  print(`fake clock, ${DAGS} DAGs each`, rows);
  rows.length = 0;
  for (const { caps, target } of REAL) {
    const workloads = seededWorkloads(REAL_DAGS, caps, {
      medianMs: 40,
      between: [20, 80],
    });
    for (const [name, scheduler] of [["ours", runOnNode], ...OTHERS] as const) {
      const runs = await onRealTimers(workloads, scheduler);
      rows.push(
        name === "ours"
          ? toRow(caps, name, runs, targets, target)
          : toRow(caps, name, runs),
      );
    }
  }
  print(`real timers, calls of 20 to 80 ms, ${REAL_DAGS} DAGs each`, rows);
  return targets.allMet;
}

function seededWorkloads(
  count: number,
  caps: Caps,
  { medianMs, between }: { medianMs: number; between?: [number, number] },
): Workload[] {
  return Array.from({ length: count }, (_, seed) => {
    const random = new SeededRandom(seed);
    const workload = seededWorkload(random, caps, { medianMs, sigma: SIGMA });
    if (between === undefined) return workload;
    const [least, most] = between;
    const durationsMs = workload.durationsMs.map((ms) =>
      Math.min(most, Math.max(least, ms)),
    );
    return { ...workload, durationsMs };
  });
}

async function onFakeClock(
  workloads: readonly Workload[],
  schedulerOf: (clock: Clock) => Scheduler = scheduleOn,
): Promise<Run[]> {
  const runs: Run[] = [];
  for (const workload of workloads) {
    const clock = new FakeClock();
    const { durationsMs } = workload;
    let endMs = Number.NaN;
    const finished = schedulerOf(clock)(workload, (position) =>
      clock.sleep(durationsMs[position]!),
    ).then(() => {
      endMs = clock.now();
    });
    await clock.drain();
    await finished;
    runs.push(judge(workload, durationsMs, endMs, 1e-6));
  }
  return runs;
}

/** The library's scheduler, with the limits of the workload. */
function scheduleOn(clock: Clock): Scheduler {
  return async (workload, work) => {
    const limitsOf = createWorkloadLimits(workload, clock);
    await runSchedule({
      calls: workload.dependsOn.map((dependsOn, position) => ({
        dependsOn,
        limits: limitsOf(position),
        cost: 1,
      })),
      execute: work,
      judgeValue: () => ({ status: "ok" }),
      judgeError: (_, error) => ({ status: "error", error }),
      clock,
    });
  };
}

/** Calls with the same limits share one array, as the scheduler expects. */
function createWorkloadLimits(
  { nodeSlots, resourceOf, resourceSlots }: Workload,
  clock: Clock,
): (position: number) => readonly Limit[] {
  const ofNode = createLimits("node", { concurrency: nodeSlots }, clock);
  const ofResources = resourceSlots.map((slots, i) => [
    ...createLimits(`resource ${i}`, { concurrency: slots }, clock),
    ...ofNode,
  ]);
  return (position) =>
    resourceOf === undefined ? ofNode : ofResources[resourceOf[position]!]!;
}

async function onRealTimers(
  workloads: readonly Workload[],
  scheduler: Scheduler,
): Promise<Run[]> {
  const runs: Run[] = [];
  const waiting = workloads.entries();
  const lane = async () => {
    for (const [i, workload] of waiting) {
      runs[i] = await onceOnRealTimers(workload, scheduler);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
  return runs;
}

async function onceOnRealTimers(
  workload: Workload,
  scheduler: Scheduler,
): Promise<Run> {
  const measured: number[] = [];
  const work: Work = async (position) => {
    const start = performance.now();
    await new Promise((resolve) => {
      setTimeout(resolve, workload.durationsMs[position]);
    });
    measured[position] = performance.now() - start;
  };
  const start = performance.now();
  await scheduler(workload, work);
  // Real timers don't fire together: a millisecond per call for the handover.
  const slackMs = measured.length;
  return judge(workload, measured, performance.now() - start, slackMs);
}

function judge(
  workload: Workload,
  durationsMs: readonly number[],
  makespanMs: number,
  slackMs: number,
): Run {
  const { lowerMs, workConservingMs } = boundsOf(workload, durationsMs);
  return {
    ratio: makespanMs / lowerMs,
    isViolation: !(makespanMs <= workConservingMs + slackMs),
  };
}

function toRow(
  caps: Caps,
  name: string,
  runs: readonly Run[],
  targets?: Targets,
  target?: number,
): string[] {
  const ratios = runs.map(({ ratio }) => ratio);
  const violations = runs.filter(({ isViolation }) => isViolation).length;
  const row = [
    caps,
    name,
    mean(ratios).toFixed(3),
    quantile(ratios, 0.95).toFixed(3),
    Math.max(...ratios).toFixed(3),
    `${violations}`,
  ];
  if (targets === undefined || target === undefined) return row;
  const [wanted, verdict] = targets.atMost(target, mean(ratios));
  const [, conserving] = targets.atMost(0, violations);
  return [
    ...row,
    `mean ${wanted}, violations 0`,
    conserving === "met" ? verdict : conserving,
  ];
}

function print(title: string, rows: readonly string[][]): void {
  printTable(
    `makespan over its lower bound: ${title}`,
    [
      "caps of 2 to 4",
      "scheduler",
      "mean",
      "p95",
      "max",
      "violations",
      "target",
      "",
    ],
    rows,
  );
}
