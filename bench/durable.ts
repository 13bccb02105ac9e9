/**
 * What `durable: true` costs per call, for batches of 1, 25 and 200 no-op calls
 * of the BUILT package: as a chain, in which each call waits for the one before
 * (it writes the same key), and as a fan-out. On a node in a graph and on agents
 * of `createAgent` v1 and v2, with a checkpointer in memory and one in Postgres,
 * `durability: "sync"`, each batch on a thread of its own.
 *
 * Stock is the host without this library: it knows no order and starts all calls
 * at once, in a chain, too. Plain is ours without `durable`; `task()` is what a
 * user can write: each call is a task of LangGraph's inside the node, in a chain
 * after the one before. In v2 each call is a task as it is.
 *
 * The ways are measured in turn in one process, each round in another order, one
 * length after the other. A ratio is taken within a round, and the median over
 * rounds counts; stock against itself stands beside: how far that is from 1 is how
 * far the figures can be trusted. In memory, the time is that of the processor,
 * which the load of the machine disturbs least; with Postgres, which works in
 * other processes, it is by the clock on the wall. A server that is started for
 * the purpose doesn't wait for its disk, so that writes cost less than usual.
 *
 * What counts is "of one alone": what a call costs in a batch, over what the batch
 * of one durable call costs, in the same round. That batch pays alone for the run
 * around it (its checkpoints, the model), so a ratio far below 1 is no merit:
 * "durable adds" is what each call costs more than without `durable`. "of 25" is
 * what a call of 200 costs over one of 25: beyond 1 the cost grows faster than the
 * batch. A chain whose cost grew with the square met the first target in memory,
 * but not this one.
 *
 * A batch that would take longer than 20 s, by what a batch of 50 takes, is not
 * run, and misses its target.
 */
import { setMaxListeners } from "node:events";
import { cpuTimeMs } from "./support/cpu-time.js";
import {
  openMemory,
  openPostgresSaver,
} from "./support/durable/checkpointers.js";
import {
  type HostName,
  HOSTS,
  type Shape,
  SHAPES,
  type Way,
} from "./support/durable/contenders.js";
import {
  type Figures,
  type Length,
  LENGTHS,
  measureLengths,
  type Setting,
} from "./support/durable/measure-lengths.js";
import { measureResumes } from "./support/durable/measure-resumes.js";
import { monotonicMs } from "./support/monotonic-time.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { median, quartiles } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

/** A call of a batch over one durable call alone. */
const MOST = 3;
/** A call of a batch of 200 over one of 25; what is above 1 is for noise. */
const MOST_GROWTH = 1.5;
const RESUMED_WAYS: Way[] = ["stock", "plain", "durable", "own"];
const NONE = "-";

export async function durable(): Promise<boolean> {
  requireBuiltPackage();
  // All calls of a message listen to one signal, on each host.
  setMaxListeners(1_000);
  const targets = new Targets();
  const memory = await openMemory();
  await measureOn(
    {
      name: "memory",
      saver: memory.saver,
      now: cpuTimeMs,
      mostRounds: 15,
      budgetMs: 3_000,
    },
    targets,
  );
  const postgres = await openPostgresSaver();
  if (postgres === undefined) {
    console.log(
      "\ndurable: the rows with Postgres did NOT run. They need POSTGRES_URL, or `postgres` and `initdb` in the PATH.",
    );
    return targets.allMet;
  }
  try {
    await measureOn(
      {
        name: "Postgres",
        saver: postgres.saver,
        now: monotonicMs,
        mostRounds: 7,
        budgetMs: 6_000,
      },
      targets,
    );
  } finally {
    await postgres.close();
  }
  return targets.allMet;
}

async function measureOn(setting: Setting, targets: Targets): Promise<void> {
  const rows: string[][] = [];
  for (const host of HOSTS) {
    for (const shape of SHAPES) {
      const figures = await measureLengths(setting, host, shape);
      for (const calls of LENGTHS) {
        rows.push(rowOf(host, shape, calls, figures, targets));
      }
    }
  }
  const time = setting.now === cpuTimeMs ? "processor time" : "wall time";
  printTable(
    `durable: a checkpointer in ${setting.name}, no-op tools, ${time} per call`,
    [
      "host",
      "calls",
      "stock ms",
      "stock/stock",
      "plain/stock",
      "task()/stock",
      "durable/stock",
      "durable ms",
      "durable adds, ms",
      "of one alone",
      "quartiles",
      "rounds",
      "target",
      "",
      "of 25",
      "target",
      "",
    ],
    rows,
  );
  const resumes: string[][] = [];
  for (const host of HOSTS) resumes.push(await resumeRowOf(setting, host));
  printTable(
    `durable: a checkpointer in ${setting.name}, a batch of 200 of which 199 have finished; ms from the human's answer until the call has it, until the run ends, and in brackets how many run once more`,
    ["host", "stock", "plain", "task()", "durable", "durable/stock"],
    resumes,
  );
}

function rowOf(
  host: HostName,
  shape: Shape,
  calls: Length,
  figures: Figures,
  targets: Targets,
): string[] {
  const stock = figures.of("stock", calls)!;
  const overStock = (way: Way) =>
    cell(figures.of(way, calls), stock, (a, b) => a / b);
  const own = figures.of("durable", calls);
  const alone = figures.of("durable", 1)!;
  const ratios = own?.map((ms, round) => ms / alone[round]!);
  const ratio = ratios ? median(ratios) : Number.POSITIVE_INFINITY;
  return [
    `${host}, ${shape}`,
    `${calls}`,
    median(stock).toFixed(3),
    overStock("stock again"),
    overStock("plain"),
    overStock("own"),
    overStock("durable"),
    own ? median(own).toFixed(3) : "not run",
    cell(own, figures.of("plain", calls), (a, b) => a - b, 3),
    ratios ? ratio.toFixed(2) : "not run",
    ratios ? quartiles(ratios, 2) : NONE,
    `${figures.rounds}`,
    // One over itself says nothing.
    ...(calls === 1 ? [] : targets.atMost(MOST, ratio, 0)),
    ...(calls === 200 ? growthOf(figures, targets) : []),
  ];
}

function growthOf(figures: Figures, targets: Targets): string[] {
  const [long, short] = [200, 25].map((calls) =>
    figures.of("durable", calls as Length),
  );
  const growth =
    long && short
      ? median(long.map((ms, round) => ms / short[round]!))
      : Number.POSITIVE_INFINITY;
  return [
    long ? growth.toFixed(2) : "not run",
    ...targets.atMost(MOST_GROWTH, growth, 1),
  ];
}

/** The median of what `combine` makes of the two figures of each round. */
function cell(
  some: readonly number[] | undefined,
  others: readonly number[] | undefined,
  combine: (some: number, other: number) => number,
  digits = 2,
): string {
  if (some === undefined || others === undefined) return NONE;
  const combined = some.map((ms, round) => combine(ms, others[round]!));
  return median(combined).toFixed(digits);
}

async function resumeRowOf(setting: Setting, host: HostName) {
  const figures = await measureResumes(setting, host, RESUMED_WAYS);
  const show = (way: Way) => {
    const resumes = figures.get(way);
    if (resumes === undefined) return NONE;
    const { answerMs, endMs, again } = resumes;
    return `${median(answerMs).toFixed(0)}, ${median(endMs).toFixed(0)} (${median(again)})`;
  };
  return [
    host,
    show("stock"),
    show("plain"),
    show("own"),
    show("durable"),
    cell(
      figures.get("durable")!.endMs,
      figures.get("stock")!.endMs,
      (a, b) => a / b,
    ),
  ];
}
