const YEAR_MS = 366 * 86_400_000;

/**
 * A delay in whole milliseconds, rounded up so that nobody comes early;
 * `undefined` for what can't be one: negative, not a number, over a year.
 */
export function plausibleDelay(ms: number): number | undefined {
  if (!(ms >= 0 && ms <= YEAR_MS)) return undefined;
  // 1.1 * 1000 is a hair above 1100, which is no reason for another one.
  return Math.max(0, Math.ceil(ms - 1e-6));
}

/** Milliseconds from `now` until `time`; 0 when that is over. */
export function delayUntil(time: number, now: number): number | undefined {
  return plausibleDelay(Math.max(0, time - now));
}
