/**
 * What decides on requests. Time is handed in, in milliseconds. A request that
 * is refused takes nothing.
 */
export interface Limiter {
  /** Whether a request that arrives at `nowMs` is let in. */
  take(nowMs: number): boolean;
  /** Milliseconds from `nowMs` until one request would be let in. */
  waitMs(nowMs: number): number;
  /** Milliseconds from `nowMs` until it would let in as many as at first. */
  fullMs(nowMs: number): number;
}
