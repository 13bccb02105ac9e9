import pLimit from "p-limit";
import type { Clock } from "@/limits/clock.js";
import { createLimits } from "@/limits/create-limits.js";
import { FeedbackGate } from "@/limits/feedback-gate.js";
import { KeyLocks } from "@/limits/key-locks.js";
import type { Limit } from "@/limits/limit.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import type { SharedLimit, SharedLimits } from "@/limits/shared-limits.js";
import type { Outcome } from "@/schedule/outcome.js";
import { Schedule } from "@/schedule/schedule.js";
import { insideCall } from "@/scope/call-scope.js";
import { surroundingsOf } from "@/scope/batch-scope.js";
import { fullness } from "../../support/check-limits.js";
import { limitsByIndexes } from "../../support/limits-by-indexes.js";
import { simpleExecutor } from "../../support/run-schedule.js";
import type { LimitDraw, NestedCall, Tree } from "./nested-tree.js";

/** A call that runs or has run, as a test sees it. */
export interface Played {
  readonly name: string;
  readonly call: NestedCall;
  readonly inside: Played | undefined;
  readonly startAt: number;
  endAt?: number;
  /** It does work of its own now. */
  works: boolean;
}

export interface TreePlay {
  readonly played: readonly Played[];
  /** What must never be, as it was seen. */
  readonly faults: readonly string[];
  /** How often a call started beyond a cap, since all with a slot were blocked. */
  readonly lent: number;
}

const JITTER = { jitterMs: 0 };

/** A clock that a test moves. */
export interface TestClock extends Clock {
  sleep(ms: number): Promise<void>;
  /** Until nothing is left to be done. */
  drain(): Promise<void>;
  /** Timers that are left. */
  readonly pending: number;
}

/** What a tree runs on. */
export interface Place {
  readonly signal?: AbortSignal | undefined;
  /**
   * The limits of each process; batches of the tree are dealt out to them. Without
   * any, there is one, which keeps its limits itself.
   */
  readonly stores?: readonly SharedLimits[];
  /** How late a start may be in these stores. Default: not at all. */
  readonly jitterMs?: number;
}

/** Finds the limits of a call in a process that keeps some of them elsewhere. */
function limitsIn(
  store: SharedLimits,
  draws: readonly LimitDraw[],
  jitterMs: number,
  clock: Clock,
): (indexes: readonly number[]) => readonly Limit[] {
  const known = new Map<string, readonly Limit[]>();
  const own = draws.map((draw, i) =>
    draw.isPLimit || draw.isCareful ? createLimit(draw, i, clock) : undefined,
  );
  return (indexes) => {
    const key = indexes.join();
    let limits = known.get(key);
    if (limits === undefined) {
      const shared = indexes.flatMap((i) =>
        own[i] === undefined
          ? describeLimit(draws[i] as LimitDraw, i, jitterMs)
          : [],
      );
      limits = [
        ...indexes.flatMap((i) => own[i] ?? []),
        ...(shared.length > 0
          ? [new SharedAdmission(shared, store, clock)]
          : []),
      ];
      known.set(key, limits);
    }
    return limits;
  };
}

function describeLimit(
  { concurrency, rate }: LimitDraw,
  index: number,
  jitterMs: number,
): SharedLimit {
  return {
    name: `limit ${index}`,
    ...(concurrency !== undefined && { concurrency }),
    ...(rate && { rateLimit: { ...rate, jitterMs, burst: rate.limit } }),
  };
}

function createLimit(
  { concurrency, isPLimit, rate, isCareful, pause }: LimitDraw,
  index: number,
  clock: Clock,
): readonly Limit[] {
  const name = `limit ${index}`;
  if (isCareful) {
    const options = { learns: true, startsCarefully: true, random: () => 0 };
    return [new FeedbackGate(name, clock, options)];
  }
  if (pause !== undefined) {
    const options = { learns: false, startsCarefully: false, random: () => 0 };
    const gate = new FeedbackGate(name, clock, options);
    clock.schedule(() => gate.pause(pause.ms, clock.now()), pause.atMs);
    return [gate];
  }
  const isOwn = isPLimit && concurrency !== undefined;
  return createLimits(
    name,
    {
      concurrency: isOwn ? pLimit(concurrency) : concurrency,
      rateLimit: rate && { ...rate, ...JITTER, burst: rate.limit },
    },
    clock,
  );
}

/** Runs a tree on a fake clock, to its end or to where it is stuck. */
export async function playTree(
  tree: Tree,
  clock: TestClock,
  { signal, stores = [], jitterMs = 0 }: Place = {},
): Promise<TreePlay> {
  const isShared = stores.length > 0;
  const limits = new Set<Limit>();
  const noteAll =
    (limitsOf: (indexes: readonly number[]) => readonly Limit[]) =>
    (indexes: readonly number[]) => {
      const found = limitsOf(indexes);
      for (const limit of found) limits.add(limit);
      return found;
    };
  const processes = isShared
    ? stores.map((store) =>
        noteAll(limitsIn(store, tree.limits, jitterMs, clock)),
      )
    : [
        noteAll(
          limitsByIndexes(
            tree.limits.map((one, i) => createLimit(one, i, clock)),
          ),
        ),
      ];
  /** Keys are locks within a process. */
  const locksIn = new Map(processes.map((one) => [one, new KeyLocks(clock)]));
  const played: Played[] = [];
  const faults: string[] = [];
  const usesKeys = usesKeysIn(tree.batches);
  let lent = 0;
  let open = 0;

  const runBatch = async (
    calls: readonly NestedCall[],
    name: string,
    inside: Played | undefined,
    limitsOf: (indexes: readonly number[]) => readonly Limit[],
  ): Promise<void> => {
    open += 1;
    const locks = locksIn.get(limitsOf)!;
    const rules = { depth: 1, maxDepth: Infinity, cap: undefined, locks };
    const schedule = new Schedule<string>({
      clock,
      signal,
      calls: calls.map(({ limits: indexes, accesses, cost, after }) => ({
        limits:
          accesses === undefined
            ? limitsOf(indexes)
            : [...locks.of(accesses), ...limitsOf(indexes)],
        cost,
        dependsOn: after === undefined ? [] : [after],
      })),
      executor: simpleExecutor({
        execute: (position, running) =>
          running.run(() => {
            const call = calls[position] as NestedCall;
            return runCall(call, `${name}.${position}`, inside, limitsOf);
          }),
      }),
      surroundings: surroundingsOf(insideCall(), rules, clock),
    });
    const ended: Outcome<string>[] = await schedule.run();
    open -= 1;
    ended.forEach(({ status, value }, i) => {
      // It may have waited in a circle for keys.
      const isRight = signal?.aborted || usesKeys || value === `${name}.${i}`;
      if (!isRight)
        faults.push(`${name}.${i} has the answer ${value ?? status}`);
    });
  };

  const runCall = async (
    call: NestedCall,
    name: string,
    inside: Played | undefined,
    limitsOf: (indexes: readonly number[]) => readonly Limit[],
  ): Promise<string> => {
    const self: Played = {
      name,
      call,
      inside,
      startAt: clock.now(),
      works: true,
    };
    played.push(self);
    check(self);
    let batch = 0;
    for (const step of call.steps) {
      if ("workMs" in step) {
        self.works = true;
        check(undefined);
        await clock.sleep(step.workMs);
        continue;
      }
      self.works = false;
      await Promise.all(
        step.batches.map((calls) => {
          batch += 1;
          return runBatch(calls, `${name}/${batch}`, self, limitsOf);
        }),
      );
      if (signal?.aborted) break;
    }
    self.works = false;
    self.endAt = clock.now();
    return name;
  };

  /** What is to hold at each moment. */
  const check = (started: Played | undefined) => {
    if (signal?.aborted) return;
    for (const other of started && !isShared ? played : []) {
      if (other.endAt !== undefined || !excludes(started!, other)) continue;
      faults.push(`${started!.name} has a key that ${other.name} has`);
    }
    tree.limits.forEach(({ concurrency, isCareful, isPLimit }, limit) => {
      if (isCareful || concurrency === undefined) return;
      // Each process has p-limits of its own.
      const cap = concurrency * (isPLimit ? processes.length : 1);
      const alive = played.filter(
        ({ call, endAt }) => endAt === undefined && call.limits.includes(limit),
      );
      const working = alive.filter(({ works }) => works);
      if (working.length > cap) {
        faults.push(`${working.length} leaves at limit ${limit} of ${cap}`);
      }
      if (started === undefined || !started.call.limits.includes(limit)) return;
      // Others may have given their slots back.
      if (isShared) return;
      const others = alive.filter((one) => one !== started);
      if (chains(alive) <= Math.max(cap, chains(others))) return;
      lent += 1;
      const busy = others.find((one) => worksInside(one, played, started));
      if (busy !== undefined) {
        faults.push(
          `${started.name} has a slot of limit ${limit} while ${busy.name} works`,
        );
      }
    });
  };

  tree.batches.forEach((calls, i) => {
    const limitsOf = processes[i % processes.length]!;
    void runBatch(calls, `b${i}`, undefined, limitsOf);
  });
  await clock.drain().catch((error: unknown) => {
    faults.push(String(error));
  });
  if (open > 0) faults.push(`${open} batches are stuck`);
  limits.forEach(({ name, slots, hasWaiters }) => {
    if (slots !== undefined && slots.claims > 0) {
      faults.push(`${name} has ${slots.claims} claims left`);
    }
    if (hasWaiters) faults.push(`${name} has waiters left`);
  });
  if (clock.pending > 0) faults.push(`${clock.pending} timers are left`);
  tree.limits.forEach(({ rate, isPLimit }, limit) => {
    if (isPLimit && processes.length > 1) return;
    faults.push(...excesses(rate, limit, played));
  });
  return { played, faults, lent };
}

function usesKeysIn(batches: Tree["batches"]): boolean {
  return batches
    .flat()
    .some(
      ({ accesses, steps }) =>
        accesses !== undefined ||
        steps.some((step) => "batches" in step && usesKeysIn(step.batches)),
    );
}

/** Whether two calls must not be alive at once. */
function excludes(one: Played, other: Played): boolean {
  if (one === other || isInside(one, other) || isInside(other, one))
    return false;
  const [mine = [], others = []] = [one.call.accesses, other.call.accesses];
  return mine.some(({ key, mode }) =>
    others.some(
      (access) =>
        access.key === key && (access.mode === "write" || mode === "write"),
    ),
  );
}

/** The starts at which a rate was exceeded. */
function excesses(
  rate: LimitDraw["rate"],
  limit: number,
  played: readonly Played[],
): string[] {
  if (rate === undefined) return [];
  const rateLimit = { ...rate, ...JITTER, burst: rate.limit };
  const runs = played
    .filter(({ call }) => call.limits.includes(limit))
    .map(({ startAt, call: { cost } }, position) => ({
      position,
      startAt,
      endAt: startAt,
      readyAt: startAt,
      limits: [limit],
      cost,
    }));
  return runs.flatMap((run, i) => {
    const why = fullness(
      { rateLimit },
      runs.slice(0, i),
      run.cost,
      run.startAt,
    );
    return why === undefined
      ? []
      : [`limit ${limit} at ${run.startAt}: ${why}`];
  });
}

/** How many calls count: a chain of calls, each inside of the one before, is one. */
function chains(alive: readonly Played[]): number {
  return alive.filter((one) => !alive.some((other) => isInside(other, one)))
    .length;
}

function isInside({ inside }: Played, outer: Played): boolean {
  for (let one = inside; one; one = one.inside) if (one === outer) return true;
  return false;
}

/** Whether a call or one inside of it does work of its own. */
function worksInside(
  outer: Played,
  played: readonly Played[],
  started: Played,
): boolean {
  return played.some(
    (one) =>
      one !== started && one.works && (one === outer || isInside(one, outer)),
  );
}
