import type { ResolvedRateLimit } from "../policy/rate-limit.js";

/** One attempt of a call. All times are milliseconds. */
export interface Attempt {
  /** Its running time. */
  readonly ms: number;
  /** The longest path of running times that has to be behind it. */
  readonly before: number;
  /** The longest path of running times that has to follow it. */
  readonly after: number;
  /** Tokens that it takes from each rate limit. */
  readonly cost: number;
}

/** Steps that one limit may take: milliseconds, also for the largest batch. */
const MAX_STEPS = 2_000_000;

/**
 * The least time for attempts of which at most `slots` run at once: the largest
 * a + (sum of the running times) / slots + c, where the sum is over attempts
 * with at least a before and c after them, over all a and c.
 */
export function capBound(attempts: readonly Attempt[], slots: number): number {
  const sorted = attempts.toSorted((x, y) => y.after - x.after);
  let bound = 0;
  for (const earliest of thresholdsOf(attempts)) {
    let work = 0;
    for (const { ms, before, after } of sorted) {
      if (before < earliest) continue;
      work += ms;
      bound = Math.max(bound, earliest + work / slots + after);
    }
  }
  return bound;
}

/**
 * The least time for attempts that take tokens of one rate limit as they start:
 * the largest a + (the earliest that their tokens can all be taken) + c, over
 * attempts with at least a before them, and c from their start to the end of
 * what follows: whichever starts last has that much ahead of it.
 */
export function rateBound(
  attempts: readonly Attempt[],
  rateLimit: ResolvedRateLimit,
): number {
  const sorted = attempts.toSorted((x, y) => aheadOf(y) - aheadOf(x));
  let bound = 0;
  for (const earliest of thresholdsOf(attempts)) {
    let tokens = 0;
    for (const attempt of sorted) {
      if (attempt.before < earliest) continue;
      tokens += attempt.cost;
      const all = earliest + takenMs(tokens, rateLimit) + aheadOf(attempt);
      bound = Math.max(bound, all);
    }
  }
  return bound;
}

/** How long it takes until so many tokens have been taken of a fresh limit. */
function takenMs(
  tokens: number,
  { algorithm, limit, intervalMs, burst }: ResolvedRateLimit,
): number {
  return algorithm === "token-bucket"
    ? (Math.max(0, tokens - burst) / limit) * intervalMs
    : Math.max(0, Math.ceil(tokens / limit) - 1) * intervalMs;
}

function aheadOf({ ms, after }: Attempt): number {
  return ms + after;
}

/**
 * The values of a that are looked at: all that make a difference, or so many as
 * there is time for. Any of them gives a bound.
 */
function thresholdsOf(attempts: readonly Attempt[]): number[] {
  const all = [...new Set(attempts.map(({ before }) => before))];
  const most = Math.max(1, Math.floor(MAX_STEPS / attempts.length));
  if (all.length <= most) return all;
  all.sort((x, y) => x - y);
  return Array.from(
    { length: most },
    (_, i) => all[Math.floor((i * all.length) / most)] as number,
  );
}
