/**
 * How to keep to a limit that nobody has declared: the learned rate of the
 * library's SOURCES, held against a concurrency cap that is halved when the
 * server refuses. Both with and without a careful start (ten calls first). On a
 * fake clock, against servers of several kinds, rates and latencies, which say
 * how long to wait exactly, in whole seconds, or not at all. No targets there: the
 * figures are why the library does what it does (decision 0010). Then against a
 * server that refuses at random, and one that has had a bad minute long ago.
 *
 * A cell holds makespan over lower bound, and answers of 429 per call: medians
 * over SEEDS runs. The bound is that of the rate, plus the shortest latency.
 */
import { FakeClock } from "../test/support/fake-clock.js";
import {
  FeedbackGate,
  type Refusal,
} from "../packages/parallel-tools-node/src/limits/feedback-gate.js";
import { createLimits } from "../packages/parallel-tools-node/src/limits/create-limits.js";
import type { Limit } from "../packages/parallel-tools-node/src/limits/limit.js";
import { runSchedule } from "../test/support/run-schedule.js";
import { HalvingCap } from "./support/halving-cap.js";
import { printTable } from "./support/print-table.js";
import type { Limiter } from "./support/rate-server/limiter.js";
import { SlidingWindow } from "./support/rate-server/sliding-window.js";
import { TokenBucket } from "./support/rate-server/token-bucket.js";
import { SeededRandom } from "./support/seeded-random.js";
import { median } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const SEEDS = 61;
const CAREFUL_START = 10;
const MAX_PAUSE_MS = 60_000;
/** Longer than any run lasts: a limit that never opens again is a fault. */
const HOUR_MS = 3_600_000;

interface Server {
  readonly name: string;
  readonly calls: number;
  readonly latencyMs: readonly [number, number];
  /** Milliseconds that the rate alone takes. */
  readonly rateMs: number;
  readonly create: () => Limiter;
}

const SERVERS: Server[] = [
  bucket("50/s, burst 10", 50, 10, 200, [20, 80]),
  window("50 per 1 s", 50, 1_000, 200, [20, 80]),
  bucket("10/s, burst 10", 10, 10, 200, [20, 80]),
  bucket("1/s, burst 1", 1, 1, 30, [50, 150]),
  window("60 per min", 60, 60_000, 120, [100, 400]),
  bucket("5/s, slow calls", 5, 5, 60, [1_000, 3_000]),
];

/** What a refusal says of the wait. */
const WORDS = {
  exact: (waitMs: number) => waitMs,
  seconds: (waitMs: number) => Math.ceil(waitMs / 1_000) * 1_000,
  nothing: () => undefined,
} satisfies Record<string, (waitMs: number) => number | undefined>;

type Gate = Limit & { refuse(refusal: Refusal): unknown };
type CreateGate = (clock: FakeClock, random: () => number) => Gate;

const gate =
  (startsCarefully: boolean): CreateGate =>
  (clock, random) =>
    new FeedbackGate("gate", clock, { learns: true, startsCarefully, random });
const cap =
  (firstCap: number): CreateGate =>
  (clock, random) =>
    new HalvingCap(clock, firstCap, random);

const CONTENDERS: [string, CreateGate][] = [
  ["learned rate, careful start", gate(true)],
  ["halved cap, careful start", cap(CAREFUL_START)],
  ["learned rate", gate(false)],
  ["halved cap", cap(Number.MAX_SAFE_INTEGER)],
];

/** Refusals that have nothing to do with how fast calls come. */
const RANDOM_CALLS = 200;
const RANDOM_SEEDS = 15;
/** Of the time that the same calls take where the rate is declared. */
const MOST_OF_DECLARED = 1.5;

export async function adaptation(): Promise<boolean> {
  for (const [words, say] of Object.entries(WORDS)) {
    const rows: string[][] = [];
    for (const [name, create] of CONTENDERS) {
      const cells: string[] = [];
      for (const server of SERVERS) cells.push(await cell(server, create, say));
      rows.push([name, ...cells]);
    }
    printTable(
      `adaptation: refusals that say how long to wait: ${words} (makespan / bound; 429 per call)`,
      ["", ...SERVERS.map(({ name }) => name)],
      rows,
    );
  }
  const targets = new Targets();
  await atRandom(targets);
  await afterABadMinute(targets);
  return targets.allMet;
}

async function atRandom(targets: Targets): Promise<void> {
  const rows: string[][] = [];
  for (const share of [0.02, 0.1, 0.3]) {
    for (const pauseMs of [undefined, 10]) {
      const declared = await refusedAtRandom(share, pauseMs, true);
      const learned = await refusedAtRandom(share, pauseMs, false);
      const ratio = learned.endMs / declared.endMs;
      rows.push([
        `${share * 100}%, ${pauseMs === undefined ? "no word" : `${pauseMs} ms`}`,
        declared.endMs.toFixed(0),
        learned.endMs.toFixed(0),
        ratio.toFixed(2),
        ...(share === 0.1 ? targets.atMost(MOST_OF_DECLARED, ratio) : ["", ""]),
        (learned.refused / RANDOM_CALLS).toFixed(2),
      ]);
    }
  }
  printTable(
    `adaptation: refused at random, ${RANDOM_CALLS} calls, 100/s declared, and learned with a careful start (medians of ${RANDOM_SEEDS} runs)`,
    [
      "refused",
      "declared ms",
      "learned ms",
      "ratio",
      "target",
      "",
      "429s per call",
    ],
    rows,
  );
}

async function refusedAtRandom(
  share: number,
  pauseMs: number | undefined,
  isDeclared: boolean,
): Promise<{ endMs: number; refused: number }> {
  const runs: { endMs: number; refused: number }[] = [];
  for (let seed = 1; seed <= RANDOM_SEEDS; seed += 1) {
    const random = new SeededRandom(seed);
    const clock = new FakeClock();
    const limits = isDeclared
      ? [
          new FeedbackGate("gate", clock, {
            ...PLAIN,
            random: () => random.next(),
          }),
          ...createLimits("rate", { rateLimit: DECLARED }, clock),
        ]
      : [gate(true)(clock, () => random.next()) as FeedbackGate];
    runs.push(
      await runCalls(clock, limits, RANDOM_CALLS, () => ({
        latencyMs: random.integer(20, 80),
        isRefused: random.next() < share,
        pauseMs,
      })),
    );
  }
  return {
    endMs: median(runs.map(({ endMs }) => endMs)),
    refused: median(runs.map(({ refused }) => refused)),
  };
}

const PLAIN = { learns: false, startsCarefully: false };
const DECLARED = {
  limit: 100,
  intervalMs: 1_000,
  algorithm: "sliding-window",
  burst: 100,
  jitterMs: 20,
} as const;

/** What a server does with one request. */
interface Service {
  readonly latencyMs: number;
  readonly isRefused: boolean;
  readonly pauseMs: number | undefined;
}

async function runCalls(
  clock: FakeClock,
  limits: readonly Limit[],
  count: number,
  serve: () => Service,
): Promise<{ endMs: number; refused: number }> {
  const [first] = limits as readonly FeedbackGate[];
  const beganAt = clock.now();
  let refused = 0;
  let endMs = Number.NaN;
  void runSchedule<void>({
    calls: Array.from({ length: count }, () => ({
      dependsOn: [],
      limits,
      cost: 1,
    })),
    execute: async () => {
      const startedAt = clock.now();
      const { latencyMs, isRefused, pauseMs } = serve();
      await clock.sleep(latencyMs);
      if (isRefused) throw { startedAt, pauseMs } satisfies RefusedCall;
    },
    judgeValue: () => ({ status: "ok" }),
    judgeError: (_, error) => {
      refused += 1;
      const now = clock.now();
      const call = error as RefusedCall;
      first?.refuse({ ...call, now, maxPauseMs: MAX_PAUSE_MS });
      return { status: "again", delayMs: 0 };
    },
    clock,
  }).then(() => {
    endMs = clock.now() - beganAt;
  });
  await clock.advance(HOUR_MS);
  return { endMs, refused };
}

/** A server that refuses all or some calls for a minute, and is well afterwards. */
async function afterABadMinute(targets: Targets): Promise<void> {
  const rows: string[][] = [];
  for (const share of [1, 0.5, 0.2]) {
    const random = new SeededRandom(1);
    const clock = new FakeClock();
    const limits = [gate(true)(clock, () => random.next())];
    let isBad = false;
    const twenty = () =>
      runCalls(clock, limits, 20, () => ({
        latencyMs: random.integer(20, 80),
        isRefused: isBad && random.next() < share,
        pauseMs: undefined,
      }));
    const before = await twenty();
    isBad = true;
    clock.schedule(() => {
      isBad = false;
    }, 60_000);
    await twenty();
    await clock.advance(8 * HOUR_MS);
    const after = await twenty();
    const ratio = after.endMs / before.endMs;
    rows.push([
      `${share * 100}% refused`,
      before.endMs.toFixed(0),
      after.endMs.toFixed(0),
      ratio.toFixed(2),
      ...targets.atMost(MOST_OF_DECLARED, ratio),
    ]);
  }
  printTable(
    "adaptation: 20 calls before a bad minute, and 8 idle hours after it",
    ["bad minute", "before ms", "after ms", "ratio", "target", ""],
    rows,
  );
}

async function cell(
  server: Server,
  create: CreateGate,
  say: (waitMs: number) => number | undefined,
): Promise<string> {
  const ratios: number[] = [];
  const refusals: number[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const run = await simulate(server, create, say, new SeededRandom(seed));
    ratios.push(run.endMs / (server.rateMs + server.latencyMs[0]));
    refusals.push(run.refused / server.calls);
  }
  return `${median(ratios).toFixed(2)}; ${median(refusals).toFixed(2)}`;
}

/** What a refused call throws. */
interface RefusedCall {
  readonly startedAt: number;
  readonly pauseMs: number | undefined;
}

async function simulate(
  server: Server,
  create: CreateGate,
  say: (waitMs: number) => number | undefined,
  random: SeededRandom,
): Promise<{ endMs: number; refused: number }> {
  const clock = new FakeClock();
  const limiter = server.create();
  const limit = create(clock, () => random.next());
  const limits = [limit];
  const [least, most] = server.latencyMs;
  let refused = 0;
  let endMs = Number.NaN;
  const execute = async () => {
    const startedAt = clock.now();
    await clock.sleep(random.integer(1, 5));
    const arrivedAt = clock.now();
    const isTaken = limiter.take(arrivedAt);
    const pauseMs = say(limiter.waitMs(arrivedAt));
    const latencyMs = random.integer(least, most);
    // Work takes its time; a refusal is quick.
    await clock.sleep(isTaken ? latencyMs : Math.min(80, latencyMs));
    if (!isTaken) throw { startedAt, pauseMs } satisfies RefusedCall;
  };
  const ended = runSchedule<void>({
    calls: Array.from({ length: server.calls }, () => ({
      dependsOn: [],
      limits,
      cost: 1,
    })),
    execute,
    judgeValue: () => ({ status: "ok" }),
    judgeError: (_, error) => {
      refused += 1;
      const now = clock.now();
      const call = error as RefusedCall;
      limit.refuse({ ...call, now, maxPauseMs: MAX_PAUSE_MS });
      return { status: "again", delayMs: 0 };
    },
    clock,
  }).then(() => {
    endMs = clock.now();
  });
  await clock.advance(HOUR_MS);
  if (Number.isNaN(endMs)) throw new Error(`${server.name}: a run hangs.`);
  await ended;
  return { endMs, refused };
}

function bucket(
  name: string,
  perSecond: number,
  burst: number,
  calls: number,
  latencyMs: [number, number],
): Server {
  const rateMs = (Math.max(0, calls - burst) / perSecond) * 1_000;
  const create = () => new TokenBucket(perSecond, 1_000, burst);
  return { name, calls, latencyMs, rateMs, create };
}

function window(
  name: string,
  limit: number,
  intervalMs: number,
  calls: number,
  latencyMs: [number, number],
): Server {
  const rateMs = Math.floor((calls - 1) / limit) * intervalMs;
  const create = () => new SlidingWindow(limit, intervalMs);
  return { name, calls, latencyMs, rateMs, create };
}
