/**
 * How to keep to a limit that nobody has declared: the learned rate of the
 * library's SOURCES, held against a concurrency cap that is halved when the
 * server refuses. Both with and without a careful start (ten calls first). On a
 * fake clock, against servers of several kinds, rates and latencies, which say
 * how long to wait exactly, in whole seconds, or not at all. No targets: the
 * figures are why the library does what it does (decision 0010).
 *
 * A cell holds makespan over lower bound, and answers of 429 per call: medians
 * over SEEDS runs. The bound is that of the rate, plus the shortest latency.
 */
import { FakeClock } from "../test/support/fake-clock.js";
import {
  FeedbackGate,
  type Refusal,
} from "../packages/parallel-tools-node/src/limits/feedback-gate.js";
import type { Limit } from "../packages/parallel-tools-node/src/limits/limit.js";
import { runSchedule } from "../test/support/run-schedule.js";
import { HalvingCap } from "./support/halving-cap.js";
import { printTable } from "./support/print-table.js";
import type { Limiter } from "./support/rate-server/limiter.js";
import { SlidingWindow } from "./support/rate-server/sliding-window.js";
import { TokenBucket } from "./support/rate-server/token-bucket.js";
import { SeededRandom } from "./support/seeded-random.js";
import { median } from "./support/statistics.js";

const SEEDS = 7;
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
  return true;
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
