import type { LimitOptions } from "@/limits/create-limits.js";
import type { ResolvedRateLimit } from "@/policy/rate-limit.js";
import type { GeneratedBatch } from "./arbitrary-batch.js";
import type { Trace } from "./run-on-fake-clock.js";

/** A call that ran, as an observer outside of the scheduler saw it. */
export interface Run {
  readonly position: number;
  readonly startAt: number;
  readonly endAt: number;
  readonly readyAt: number;
  readonly limits: readonly number[];
  readonly cost: number;
}

export function runsOf(
  { calls }: GeneratedBatch,
  traces: readonly Trace[],
): Run[] {
  return traces.flatMap((trace, position) => {
    const { startAt, endAt, readyAt } = trace;
    if (startAt === undefined || endAt === undefined || readyAt === undefined) {
      return [];
    }
    const { limits, cost } = calls[position] as GeneratedBatch["calls"][number];
    return [{ position, startAt, endAt, readyAt, limits, cost }];
  });
}

/**
 * Why a limit leaves no room for `cost` at `now`, worked out from the runs and
 * from nothing that the library keeps. `undefined`: there is room.
 */
export function fullness(
  limit: LimitOptions,
  users: readonly Run[],
  cost: number,
  now: number,
): string | undefined {
  if (typeof limit.concurrency === "number") {
    const running = users.filter(
      ({ startAt, endAt }) => startAt <= now && endAt > now,
    ).length;
    return running + 1 > limit.concurrency ? `${running} run` : undefined;
  }
  const before = users
    .filter(({ startAt }) => startAt <= now)
    .sort((a, b) => a.startAt - b.startAt);
  return [limit.rateLimit ?? []]
    .flat()
    .map((rate) => lack(rate, before, cost, now))
    .find((why) => why !== undefined);
}

/** The same for one rate, of which `before` are in order. */
function lack(
  rate: ResolvedRateLimit,
  before: readonly Run[],
  cost: number,
  now: number,
): string | undefined {
  const { algorithm, limit: tokens, intervalMs, burst, counts } = rate;
  const taken = (run: { readonly cost: number }) =>
    counts === "calls" ? 1 : run.cost;
  const needed = taken({ cost });
  if (algorithm === "sliding-window") {
    const used = before
      .filter(({ startAt }) => startAt > now - intervalMs)
      .reduce((sum, run) => sum + taken(run), 0);
    return used + needed > tokens ? `${used} tokens used` : undefined;
  }
  let level = burst;
  let at = before[0]?.startAt ?? now;
  for (const run of before) {
    level = Math.min(burst, level + ((run.startAt - at) * tokens) / intervalMs);
    level -= taken(run);
    at = run.startAt;
  }
  level = Math.min(burst, level + ((now - at) * tokens) / intervalMs);
  return level < needed - 1e-9 ? `${level} tokens left` : undefined;
}

/** Where a limit was exceeded. `[]` is what a test wants. */
export function violations(batch: GeneratedBatch, runs: readonly Run[]) {
  return batch.limits.flatMap((limit, i) => {
    const users = runs.filter(({ limits }) => limits.includes(i));
    return users.flatMap((run) => {
      // A call of no duration holds its slot for no time that can be seen.
      if (limit.concurrency !== undefined && run.startAt === run.endAt)
        return [];
      const others = users.filter((other) => isBefore(other, run));
      const why = fullness(limit, others, run.cost, run.startAt);
      return why === undefined ? [] : [`${run.position} at ${i}: ${why}`];
    });
  });
}

function isBefore(other: Run, run: Run): boolean {
  return (
    other.startAt < run.startAt ||
    (other.startAt === run.startAt && other.position < run.position)
  );
}
