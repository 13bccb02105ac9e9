import { type ResolvedRateLimit, tokensOf } from "../policy/rate-limit.js";

/** One attempt of a call. All times are milliseconds. */
export interface Attempt {
  /** Its running time. */
  readonly ms: number;
  /** The longest path of running times that must come before it. */
  readonly before: number;
  /** The longest path of running times that must come after it. */
  readonly after: number;
  /** Tokens that it takes from each rate limit that counts the cost. */
  readonly cost: number;
}

/** The most steps for one limit: even the largest batch takes milliseconds. */
const MAX_STEPS = 2_000_000;

/**
 * The least time for attempts of which at most `slots` run at once: the largest
 * a + (sum of running times) / slots + c, over all a and c. The sum is over the
 * attempts with at least a before them and at least c after them.
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
 * the largest a + (the time until all their tokens are taken) + c, over all a and
 * c. The tokens are those of the attempts with at least a before them and at
 * least c from their own start to the end of what follows, so that c is still to
 * come when the last of them starts.
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
      tokens += tokensOf(rateLimit, attempt.cost);
      const all = earliest + takenMs(tokens, rateLimit) + aheadOf(attempt);
      bound = Math.max(bound, all);
    }
  }
  return bound;
}

/** The least time in which so many tokens can be taken of an unused limit. */
function takenMs(
  tokens: number,
  { algorithm, limit, intervalMs, burst }: ResolvedRateLimit,
): number {
  return algorithm === "token-bucket"
    ? (Math.max(0, tokens - burst) / limit) * intervalMs
    : Math.max(0, Math.ceil(tokens / limit) - 1) * intervalMs;
}

/** The time from the start of an attempt to the end of what follows it. */
function aheadOf({ ms, after }: Attempt): number {
  return ms + after;
}

/**
 * The values of a that are tried: all that make a difference, or as many as
 * `MAX_STEPS` allows. Each of them gives a valid bound.
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
