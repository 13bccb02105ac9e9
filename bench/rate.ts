/**
 * Whether a message of many calls gets through a server's rate limit: how long
 * it takes over a lower bound that nothing can beat, how many answers of 429 it
 * costs, and how many calls end in an error. One message holds 200 calls of a
 * tool that sends one GET with `fetch`. The servers are real, on loopback, each
 * in a process of its own. They decide on a request when it arrives, answer 20
 * to 80 ms later, and count only those that they let in. Measured is the BUILT
 * package, the time of `node.invoke`; a run has a fresh node, a fresh server and
 * open connections. The runs of a round come one after the other, each round in
 * another order, with the same latency per page and the same windows.
 *
 * "declared" is given the limit (for the fixed window: as a sliding one),
 * "undeclared" only that there may be one; both know that the tool only reads, or
 * they would not make a refused call again. p-limit, p-queue and bottleneck go
 * around the request on the stock node. They try nothing again. The lower bound
 * is of the latencies as the server measured them in that very run. "Used" leaves
 * them out: it is how much of the rate there was from the first request to the last.
 *
 * Favourable to those that pace themselves: on loopback no request overtakes
 * another, so it costs ours that it allows for that (`jitterMs`), and the others
 * don't pay for not doing so. To those that don't: a refused request takes
 * nothing from the limit. To back-off: servers say exactly when to come back,
 * and it spreads its retries from there. To bottleneck: it has the better of its
 * two ways for each server. Unfavourable to p-queue: it has no token bucket,
 * its 50 a second are more at once than the bucket holds. Unfavourable to all:
 * none knows where the fixed windows begin, but the bound does.
 */
import { AIMessage, type ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { z } from "zod";
import type { RateLimit } from "parallel-tools-node";
import { fetchPage } from "./support/fetch-page.js";
import { mixedCosts, runIdle } from "./support/idle-rate.js";
import { earliestMs, rateBound } from "./support/lower-bound.js";
import { monotonicMs } from "./support/monotonic-time.js";
import { printTable } from "./support/print-table.js";
import {
  DECLARED,
  OTHERS,
  type RateContender,
  STOCK,
  UNDECLARED,
} from "./support/rate-contenders.js";
import {
  BURST,
  INTERVAL_MS,
  LIMIT,
  SERVER_KINDS,
  type ServerKind,
} from "./support/rate-server/protocol.js";
import { RateServer } from "./support/rate-server/rate-server.js";
import type { HeaderForm } from "./support/rate-server/refusal-headers.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { SeededRandom } from "./support/seeded-random.js";
import { mean, median } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const CALLS = 200;
const ROUNDS = 3;
/** Of a makespan below its lower bound: clocks are read a moment apart. */
const TOLERANCE = 0.005;

const MESSAGE = new AIMessage({
  content: "",
  tool_calls: Array.from({ length: CALLS }, (_, page) => ({
    name: "fetch_page",
    args: { page },
    id: `call_${page}`,
    type: "tool_call" as const,
  })),
});

/** A contender against a server that says so much with a 429. */
interface Entry {
  readonly contender: RateContender;
  readonly kind: ServerKind;
  readonly headers: HeaderForm;
}

interface Run {
  readonly makespanMs: number;
  readonly boundMs: number;
  /** From the first request to the last, at best over what it was. */
  readonly used: number;
  /** Answers of 429. */
  readonly refused: number;
  /** Calls that ended in an error. */
  readonly lost: number;
}

/** At most so much, and no call lost. */
interface Goal {
  /** Makespan over its lower bound, median. */
  readonly ratio?: number;
  /** Answers of 429 per call, mean. */
  readonly refusals?: number;
  /** Of the rate, at least so much is used, median. */
  readonly used?: number;
}

const FORMS: readonly HeaderForm[] = ["exact", "seconds", "ietf", "none"];

const ENTRIES: readonly Entry[] = SERVER_KINDS.flatMap((kind) => [
  ...[...OTHERS, DECLARED, UNDECLARED].map((contender) => ({
    contender,
    kind,
    headers: "exact" as const,
  })),
  ...FORMS.filter((form) => kind === "token bucket" && form !== "exact").map(
    (headers) => ({ contender: UNDECLARED, kind, headers }),
  ),
]);

export async function rate(): Promise<boolean> {
  requireBuiltPackage();
  const runs = new Map<Entry, Run[]>(ENTRIES.map((entry) => [entry, []]));
  for (const kind of SERVER_KINDS) {
    const server = await RateServer.start(kind);
    try {
      const entries = ENTRIES.filter((entry) => entry.kind === kind);
      // Not counted: it pays for compiling.
      await runOnce(server, { contender: STOCK, kind, headers: "exact" }, 0);
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const entry of rotated(entries, round)) {
          runs.get(entry)!.push(await runOnce(server, entry, round));
        }
      }
    } finally {
      server.stop();
    }
  }
  const targets = new Targets();
  printTable(
    `rate: ${CALLS} calls against servers that let in ${LIMIT} a second; ratios are over the lower bound, in brackets where calls were lost`,
    ["server", "node", ...FIGURES],
    ENTRIES.filter(({ headers }) => headers === "exact").map((entry) => [
      entry.kind,
      entry.contender.name,
      ...cellsOf(runs.get(entry)!, targets, goalOf(entry)),
    ]),
  );
  printTable(
    "rate: ours, undeclared, against the token bucket, by what an answer of 429 says",
    ["429 says", ...FIGURES],
    ENTRIES.filter(
      ({ contender, kind }) =>
        contender === UNDECLARED && kind === "token bucket",
    ).map((entry) => [
      entry.headers,
      ...cellsOf(runs.get(entry)!, targets, goalOf(entry)),
    ]),
  );
  await idle(targets);
  return targets.allMet;
}

/** Of the rate that the bound needs. */
const LEAST_USED = 0.97;

/**
 * The same limits without a server, in a process that only waits for them: calls of
 * cost 1, and of costs 1 to 10. Between processes that talk to servers timers come
 * late without being seen.
 */
async function idle(targets: Targets): Promise<void> {
  const limits: Record<string, RateLimit> = {
    "10 per 500 ms": { limit: 10, intervalMs: 500 },
    "50 per 1 s": { limit: LIMIT, intervalMs: INTERVAL_MS },
    "50/s, burst 10": {
      limit: LIMIT,
      intervalMs: INTERVAL_MS,
      algorithm: "token-bucket",
      burst: BURST,
    },
  };
  const rows: string[][] = [];
  for (const [name, rateLimit] of Object.entries(limits)) {
    const tokens = 10 * rateLimit.limit;
    const loads = {
      "cost 1": Array.from({ length: tokens }, () => 1),
      "costs 1 to 10": mixedCosts(
        Math.round(tokens / 5.5),
        new SeededRandom(1),
      ),
    };
    for (const [load, costs] of Object.entries(loads)) {
      const { makespanMs, boundMs } = await runIdle(rateLimit, costs);
      const used = boundMs / makespanMs;
      rows.push([
        `${name}, ${load}`,
        boundMs.toFixed(0),
        makespanMs.toFixed(0),
        used.toFixed(3),
        ...(load === "cost 1" || rateLimit.algorithm
          ? targets.atLeast(LEAST_USED, used)
          : ["", ""]),
      ]);
    }
  }
  printTable(
    "rate: ours in a process that does nothing else; used is the rate over that of the bound",
    ["limit", "bound ms", "makespan ms", "used", "target", ""],
    rows,
  );
}

const FIGURES = [
  "bound ms",
  "makespan ms",
  "ratio",
  "min .. max",
  "used",
  "429s per call",
  `lost of ${CALLS}`,
  "target",
  "",
];

function rotated(entries: readonly Entry[], by: number): Entry[] {
  // Not by one: neighbours would stay neighbours.
  const first = Math.floor((by * entries.length) / ROUNDS);
  return [...entries.slice(first), ...entries.slice(0, first)];
}

async function runOnce(
  server: RateServer,
  { contender, kind, headers }: Entry,
  round: number,
): Promise<Run> {
  // The same in each run of a round, whoever runs.
  const random = new SeededRandom(round);
  const phaseMs = random.next() * INTERVAL_MS;
  const latenciesMs = MESSAGE.tool_calls!.map(() => 20 + 60 * random.next());
  await server.warmUp(CALLS);
  await server.reset({ latenciesMs, phaseMs, headers });

  // No sooner: some limiters count from the moment when they are made.
  const wrap = contender.createWrap(kind, round);
  const sentMs: number[] = [];
  const fetchPageTool = tool(
    ({ page }) =>
      wrap(() => {
        sentMs.push(monotonicMs());
        return fetchPage(`${server.origin}/pages/${page}`);
      }),
    {
      name: "fetch_page",
      description: "Fetches a page.",
      schema: z.object({ page: z.number() }),
    },
  );
  const node = contender.createNode([fetchPageTool], kind);
  const startMs = monotonicMs();
  const { messages } = (await node.invoke({ messages: [MESSAGE] })) as {
    messages: ToolMessage[];
  };
  const makespanMs = monotonicMs() - startMs;

  const { edgeMs, serviceMs, refused } = await server.readLog();
  const lost = messages.filter(({ status }) => status === "error").length;
  // As measured; that of calls that were lost could only be as planned.
  const limit = {
    kind,
    limit: LIMIT,
    intervalMs: INTERVAL_MS,
    burst: BURST,
    firstEdgeMs: INTERVAL_MS - ((startMs - edgeMs) % INTERVAL_MS),
  };
  const boundMs = rateBound(lost === 0 ? serviceMs : latenciesMs, limit);
  const used = earliestMs(CALLS, limit) / (sentMs.at(-1)! - sentMs[0]!);
  if (lost === 0 && makespanMs < (1 - TOLERANCE) * boundMs) {
    throw new Error(
      `Expected ${contender.name} on the ${kind} to take at least the lower bound of ${boundMs} ms, got ${makespanMs} ms. The server lets too much in, or the bound is wrong.`,
    );
  }
  return { makespanMs, boundMs, used, refused, lost };
}

function goalOf({ contender, kind, headers }: Entry): Goal | undefined {
  if (contender === DECLARED) {
    return kind === "fixed window"
      ? {}
      : { ratio: 1.05, refusals: 0, used: LEAST_USED };
  }
  if (contender !== UNDECLARED || headers !== "exact") return undefined;
  return kind === "token bucket" ? { ratio: 1.25, refusals: 0.3 } : {};
}

function cellsOf(
  runs: readonly Run[],
  targets: Targets,
  goal: Goal | undefined,
): string[] {
  const ratios = runs.map(({ makespanMs, boundMs }) => makespanMs / boundMs);
  const refusals = mean(runs.map(({ refused }) => refused / CALLS));
  const lost = mean(runs.map((run) => run.lost));
  const used = median(runs.map((run) => run.used));
  const show = (text: string) => (lost > 0 ? `(${text})` : text);
  const extremes = [Math.min(...ratios), Math.max(...ratios)];
  const cells = [
    median(runs.map(({ boundMs }) => boundMs)).toFixed(0),
    median(runs.map(({ makespanMs }) => makespanMs)).toFixed(0),
    show(median(ratios).toFixed(3)),
    show(extremes.map((ratio) => ratio.toFixed(3)).join(" .. ")),
    show(used.toFixed(3)),
    refusals.toFixed(3),
    lost.toFixed(1),
  ];
  if (goal === undefined) return cells;
  const wanted: string[] = [];
  const verdicts: string[] = [];
  const hold = (what: string, most: number, measured: number) => {
    const [atMost, verdict] = targets.atMost(most, measured);
    wanted.push(most === 0 ? `no ${what}` : `${what} ${atMost}`);
    verdicts.push(verdict);
  };
  if (goal.ratio !== undefined) hold("ratio", goal.ratio, median(ratios));
  if (goal.refusals !== undefined) hold("429s", goal.refusals, refusals);
  hold("loss", 0, lost);
  if (goal.used !== undefined) {
    const [atLeast, verdict] = targets.atLeast(goal.used, used);
    wanted.push(`used ${atLeast}`);
    verdicts.push(verdict);
  }
  const isMet = verdicts.every((verdict) => verdict === "met");
  return [...cells, wanted.join(", "), isMet ? "met" : "MISSED"];
}
