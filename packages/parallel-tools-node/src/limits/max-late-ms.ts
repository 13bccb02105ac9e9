import type { ResolvedRateLimit } from "../policy/rate-limit.js";

/** A process with other work is never more punctual than that. */
export const LEAST_LATE_MS = 10;

/**
 * Milliseconds by which a start may be late and still count as one in time. It
 * is only a share of the jitter: the request needs the rest on its way.
 *
 * @param share from 0 to 1
 */
export function maxLateMs(
  { jitterMs }: ResolvedRateLimit,
  share: number,
): number {
  return Math.max(jitterMs * share, LEAST_LATE_MS);
}
