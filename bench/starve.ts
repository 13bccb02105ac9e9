/**
 * Whether a call can be overtaken for ever. Calls of cost 1 to 10 that need one to
 * three resources come at random, each as a message of its own, at 90% of what the
 * resources can take. Held against strict first come, first served on the same
 * arrivals: the worst wait of each class of calls. And against an order in which
 * whoever fits may start, as this library had it up to 0.1. On a fake clock, the
 * library's SOURCES.
 *
 * Strict order has the shortest worst waits of dear calls, at a price: room stands
 * empty for a call that can't start yet, and everybody else waits for it. The
 * mean wait of all calls shows that.
 */
import { createLimits } from "../packages/parallel-tools-node/src/limits/create-limits.js";
import { FakeClock } from "../test/support/fake-clock.js";
import { runSchedule } from "../test/support/run-schedule.js";
import { printTable } from "./support/print-table.js";
import { SeededRandom } from "./support/seeded-random.js";
import {
  type Arrival,
  CAP,
  drawLoad,
  INTERVAL_MS,
  type Load,
  type ResourceKind,
  TOKENS,
} from "./support/starve/load.js";
import { waitsInOrder } from "./support/starve/in-order.js";
import { mean } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const LOAD = 0.9;
const CALLS = 2_000;
const SEEDS = 5;
const MOST = 1.5;

const RESOURCES: Readonly<Record<string, readonly ResourceKind[]>> = {
  "1 window": ["window"],
  "1 bucket": ["bucket"],
  "2 caps": ["cap", "cap"],
  "3 caps": ["cap", "cap", "cap"],
  "3 windows": ["window", "window", "window"],
  "cap, window, bucket": ["cap", "window", "bucket"],
};

/** Classes of cost; with the number of resources that a call needs, a class. */
const COSTS = [
  { name: "1 to 3", most: 3 },
  { name: "4 to 7", most: 7 },
  { name: "8 to 10", most: 10 },
];

export async function starve(): Promise<boolean> {
  const targets = new Targets();
  for (const [name, kinds] of Object.entries(RESOURCES)) {
    const runs: Run[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const load = drawLoad(kinds, LOAD, CALLS, new SeededRandom(seed));
      runs.push({
        load,
        ours: await waitsOfOurs(load),
        strict: await waitsInOrder(load, "strict"),
        greedy: await waitsInOrder(load, "greedy"),
      });
    }
    printTable(
      `starve: ${name}, ${LOAD * 100}% load, ${SEEDS} x ${CALLS} calls (waits in ms)`,
      [
        "class",
        "worst, strict",
        "worst, ours",
        "ours / strict",
        "target",
        "",
        "whoever fits / strict",
      ],
      [...classesOf(runs, targets), meansOf(runs)],
    );
  }
  return targets.allMet;
}

interface Run {
  readonly load: Load;
  readonly ours: readonly number[];
  readonly strict: readonly number[];
  readonly greedy: readonly number[];
}

type Waits = "ours" | "strict" | "greedy";

function classesOf(runs: readonly Run[], targets: Targets): string[][] {
  const rows: string[][] = [];
  const needs = Math.min(3, runs[0]!.load.kinds.length);
  for (let count = 1; count <= needs; count += 1) {
    for (const { name, most } of COSTS) {
      const isIn = ({ needs: used, cost }: Arrival) =>
        used.length === count &&
        COSTS.find((one) => cost <= one.most)?.most === most;
      const worst = (waits: Waits) =>
        Math.max(
          ...runs.flatMap((run) =>
            run[waits].filter((_, index) => isIn(run.load.arrivals[index]!)),
          ),
        );
      const ratio = worst("ours") / worst("strict");
      rows.push([
        `cost ${name}, ${count} of ${runs[0]!.load.kinds.length}`,
        worst("strict").toFixed(0),
        worst("ours").toFixed(0),
        ratio.toFixed(2),
        ...targets.atMost(MOST, ratio),
        (worst("greedy") / worst("strict")).toFixed(2),
      ]);
    }
  }
  return rows;
}

function meansOf(runs: readonly Run[]): string[] {
  const meanOf = (waits: Waits) => mean(runs.flatMap((run) => run[waits]));
  const strict = meanOf("strict");
  return [
    "mean of all",
    strict.toFixed(0),
    meanOf("ours").toFixed(0),
    (meanOf("ours") / strict).toFixed(2),
    "",
    "",
    (meanOf("greedy") / strict).toFixed(2),
  ];
}

async function waitsOfOurs({ kinds, arrivals }: Load): Promise<number[]> {
  const clock = new FakeClock();
  const resources = kinds.map((kind, index) =>
    createLimits(`resource ${index}`, optionsOf(kind), clock),
  );
  const waits: number[] = [];
  const arrive = (index: number) => {
    const arrival = arrivals[index];
    if (arrival === undefined) return;
    const { atMs, durationMs, cost, needs } = arrival;
    clock.schedule(() => {
      const limits = needs.flatMap((need) => resources[need]!);
      void runSchedule({
        calls: [{ dependsOn: [], limits, cost }],
        execute: () => {
          waits[index] = clock.now() - atMs;
          return clock.sleep(durationMs);
        },
        clock,
      });
      arrive(index + 1);
    }, atMs - clock.now());
  };
  arrive(0);
  await clock.drain();
  return waits;
}

function optionsOf(kind: ResourceKind) {
  if (kind === "cap") return { concurrency: CAP };
  const algorithm = kind === "window" ? "sliding-window" : "token-bucket";
  const tokens = { limit: TOKENS, burst: TOKENS, intervalMs: INTERVAL_MS };
  return { rateLimit: { ...tokens, algorithm, jitterMs: 0 } } as const;
}
