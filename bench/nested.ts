/**
 * What agents in tools cost under limits that they share. A message of 20 calls
 * runs 20 subagents, four at a time; each sends five requests in one message. A
 * second cap of four holds for what does work: requests, and what a subagent does
 * itself. The server is real, on loopback, in a process of its own. It lets 20
 * requests into any second, answers the others with 429, and answers 40 to 60 ms
 * after a request has come. Measured is the BUILT package, the time of
 * `node.invoke`; a run has fresh nodes, a fresh server and open connections. The
 * runs of a round come one after the other, each round in another order, with the
 * same latencies.
 *
 * p-limit and p-queue go around what a tool does, on the stock node. One p-limit
 * that is shared by the subagents and their requests hangs: it is given up after a
 * time limit. In the two rows with one of each per tool requests have their own cap,
 * so that the work of subagents comes on top: there is no way to count it there.
 *
 * The lower bound, with the times of requests as the server measured them in that
 * very run: the work of all over four slots; or own work, the time at which the
 * last request can be let in, its answer, and own work. The last request comes as
 * many windows after the last of the first window as there are between them; and
 * that one can't come before four slots have done what comes before it.
 */
import {
  CAP,
  CONTENDERS,
  type NestedContender,
  RATE,
} from "./support/nested/contenders.js";
import {
  CALLS_EACH,
  OWN_MS,
  runSubagents,
  type Seen,
  SUBAGENTS,
} from "./support/nested/run-subagents.js";
import { earliestMs } from "./support/lower-bound.js";
import { monotonicMs } from "./support/monotonic-time.js";
import { printTable } from "./support/print-table.js";
import { INTERVAL_MS } from "./support/rate-server/protocol.js";
import { RateServer } from "./support/rate-server/rate-server.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { SeededRandom } from "./support/seeded-random.js";
import { mean, median } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const REQUESTS = SUBAGENTS * CALLS_EACH;
const ROUNDS = 3;
/** Those that end take less than half of it. */
const GIVEN_UP_AFTER_MS = 12_000;

interface Run {
  /** `undefined`: it hangs. */
  readonly makespanMs: number | undefined;
  readonly boundMs: number;
  /** Answers of 429. */
  readonly refused: number;
  /** Requests that never got a page. */
  readonly lost: number;
  readonly mostAlive: number;
  readonly mostWorking: number;
}

export async function nested(): Promise<boolean> {
  requireBuiltPackage();
  const runs = new Map(
    CONTENDERS.map((one): [NestedContender, Run[]] => [one, []]),
  );
  const server = await RateServer.start("sliding window");
  try {
    // Not counted: it pays for compiling.
    await runOnce(server, CONTENDERS.at(-1)!, 0);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const contender of rotated(round)) {
        runs.get(contender)!.push(await runOnce(server, contender, round));
      }
    }
  } finally {
    server.stop();
  }
  const targets = new Targets();
  printTable(
    `nested: ${SUBAGENTS} subagents with ${CALLS_EACH} requests each, caps of ${CAP}, a server that lets in ${RATE} a second; ratios are over the lower bound, in brackets where requests were lost`,
    [
      "node",
      "bound ms",
      "makespan ms",
      "ratio",
      "min .. max",
      "429s per run",
      `lost of ${REQUESTS}`,
      "most subagents",
      "most at work",
      "target",
      "",
    ],
    CONTENDERS.map((contender) =>
      rowOf(contender, runs.get(contender)!, targets),
    ),
  );
  return targets.allMet;
}

function rotated(round: number): readonly NestedContender[] {
  const first = (round * 2) % CONTENDERS.length;
  return [...CONTENDERS.slice(first), ...CONTENDERS.slice(0, first)];
}

async function runOnce(
  server: RateServer,
  contender: NestedContender,
  round: number,
): Promise<Run> {
  const random = new SeededRandom(round);
  const latenciesMs = Array.from(
    { length: REQUESTS },
    () => 40 + 20 * random.next(),
  );
  await server.warmUp(REQUESTS);
  await server.reset({
    latenciesMs,
    phaseMs: 0,
    headers: "exact",
    limit: RATE,
  });
  const startMs = monotonicMs();
  const seen = await inTime(
    runSubagents(server.origin, contender.createLimits()),
  );
  const makespanMs = monotonicMs() - startMs;
  const { serviceMs, refused } = await server.readLog();
  return {
    makespanMs: seen && makespanMs,
    boundMs: boundOf(seen?.pages === REQUESTS ? serviceMs : latenciesMs),
    refused,
    lost: REQUESTS - (seen?.pages ?? 0),
    mostAlive: seen?.mostAlive ?? 0,
    mostWorking: seen?.mostWorking ?? 0,
  };
}

/** `undefined`: it has taken too long. */
async function inTime(run: Promise<Seen>): Promise<Seen | undefined> {
  let cancel = () => {};
  const tooLong = new Promise<undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), GIVEN_UP_AFTER_MS);
    cancel = () => clearTimeout(timer);
  });
  const seen = await Promise.race([run, tooLong]);
  cancel();
  return seen;
}

function boundOf(serviceMs: readonly number[]): number {
  const shortest = serviceMs.toSorted((a, b) => a - b);
  const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);
  // When the last of the first window comes, at most CAP are on their way.
  const before = sum(shortest.slice(0, RATE - CAP)) / CAP;
  const limit = {
    kind: "sliding window",
    limit: RATE,
    intervalMs: INTERVAL_MS,
    burst: RATE,
    firstEdgeMs: INTERVAL_MS,
  } as const;
  const lastMs = before + earliestMs(REQUESTS, limit);
  const byRate = OWN_MS + lastMs + shortest[0]! + OWN_MS;
  const byCap = (SUBAGENTS * 2 * OWN_MS + sum(serviceMs)) / CAP;
  return Math.max(byRate, byCap);
}

function rowOf(
  { name, target }: NestedContender,
  runs: readonly Run[],
  targets: Targets,
): string[] {
  const bound = median(runs.map(({ boundMs }) => boundMs)).toFixed(0);
  const makespans = runs.flatMap(({ makespanMs }) => makespanMs ?? []);
  if (makespans.length < runs.length) {
    const hung = runs.length - makespans.length;
    const text = `hangs (${hung} of ${runs.length}, given up after ${GIVEN_UP_AFTER_MS / 1_000} s)`;
    return [name, bound, text];
  }
  const ratios = makespans.map((ms, i) => ms / runs[i]!.boundMs);
  const lost = mean(runs.map((run) => run.lost));
  const refused = mean(runs.map((run) => run.refused));
  const show = (text: string) => (lost > 0 ? `(${text})` : text);
  const cells = [
    name,
    bound,
    median(makespans).toFixed(0),
    show(median(ratios).toFixed(3)),
    show(
      `${Math.min(...ratios).toFixed(3)} .. ${Math.max(...ratios).toFixed(3)}`,
    ),
    refused.toFixed(1),
    lost.toFixed(1),
    `${Math.max(...runs.map(({ mostAlive }) => mostAlive))}`,
    `${Math.max(...runs.map(({ mostWorking }) => mostWorking))}`,
  ];
  if (target === undefined) return cells;
  const verdict = targets.atMost(target, median(ratios));
  return [
    ...cells,
    ...targets.withoutLoss("ratio", verdict, { refused, lost }),
  ];
}
