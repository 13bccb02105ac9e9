import type { Clock } from "@/limits/clock.js";
import { KeyLocks } from "@/limits/key-locks.js";
import type { Limit } from "@/limits/limit.js";
import type { SharedLimits } from "@/limits/shared-limits.js";
import type { Outcome } from "@/schedule/outcome.js";
import { Schedule } from "@/schedule/schedule.js";
import { insideCall } from "@/scope/call-scope.js";
import { surroundingsOf } from "@/scope/batch-scope.js";
import { fullness } from "../../support/check-limits.js";
import { simpleExecutor } from "../../support/run-schedule.js";
import { askModel } from "./ask-model.js";
import type { LimitDraw, NestedCall, Tree } from "./nested-tree.js";
import { type LimitsOf, limitsHere, limitsIn } from "./tree-limits.js";

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

/** Runs a tree on a fake clock, to its end or to where it is stuck. */
export async function playTree(
  tree: Tree,
  clock: TestClock,
  { signal, stores = [], jitterMs = 0 }: Place = {},
): Promise<TreePlay> {
  const isShared = stores.length > 0;
  const limits = new Set<Limit>();
  const noteAll =
    (limitsOf: LimitsOf): LimitsOf =>
    (indexes, isRequest = false) => {
      const found = limitsOf(indexes, isRequest);
      for (const limit of found) limits.add(limit);
      return found;
    };
  const processes = isShared
    ? stores.map((store) =>
        noteAll(limitsIn(store, tree.limits, jitterMs, clock)),
      )
    : [noteAll(limitsHere(tree.limits, clock))];
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
    limitsOf: LimitsOf,
  ): Promise<void> => {
    const [first] = calls;
    if (first?.request) return runRequest(first, name, inside, limitsOf);
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

  const runRequest = async (
    call: NestedCall,
    name: string,
    inside: Played | undefined,
    limitsOf: LimitsOf,
  ): Promise<void> => {
    open += 1;
    const answer = await askModel({
      limits: limitsOf(call.limits, true),
      cost: call.cost,
      isStreamed: call.request === "stream",
      clock,
      signal,
      answer: () => runCall(call, name, inside, limitsOf),
    }).catch(String);
    open -= 1;
    if (signal?.aborted || answer === name) return;
    faults.push(`the request ${name} has the answer ${answer}`);
  };

  const runCall = async (
    call: NestedCall,
    name: string,
    inside: Played | undefined,
    limitsOf: LimitsOf,
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
  const rateLimit = { ...rate, jitterMs: 0, burst: rate.limit };
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
