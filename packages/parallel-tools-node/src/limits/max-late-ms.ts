import type { ResolvedRateLimit } from "../policy/rate-limit.js";

/** No process that has something to do is more exact. */
const LEAST_MS = 10;

/**
 * By how many milliseconds a start may be late before that counts: a part of the
 * jitter, since the request has yet to make its way.
 *
 * @param share how much of it
 */
export function patienceMs(
  { jitterMs }: ResolvedRateLimit,
  share: number,
): number {
  return Math.max(jitterMs * share, LEAST_MS);
}
