/** The arithmetic of a rate limit. Keeps no timers: time is an argument. */
export interface RateLimiter {
  /**
   * The earliest time, in milliseconds of the caller's clock and not before
   * `now`, at which `cost` tokens can be taken if nobody takes any until then.
   * `cost` must not exceed what the limit can give at once.
   */
  readyAt(cost: number, now: number): number;
  /** Takes `cost` tokens at `now`. */
  take(cost: number, now: number): void;
  /**
   * The last `cost` tokens were taken at `since` or after. They are used up to
   * `ms` milliseconds later than they were taken.
   */
  delay?(cost: number, since: number, ms: number): void;
  /** What was taken at `since` has turned out to be `more`; less if that is negative. */
  correct?(more: number, since: number, now: number): void;
}
