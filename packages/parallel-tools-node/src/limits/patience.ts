import type { ResolvedRateLimit } from "../policy/rate-limit.js";

/** No process that has something to do is more exact. */
const LEAST_MS = 10;

/**
 * By how many milliseconds a start may be late before that counts: half of the
 * jitter. The other half is for the way of the request.
 */
export function patienceMs({ jitterMs }: ResolvedRateLimit): number {
  return Math.max(jitterMs / 2, LEAST_MS);
}
