import type { RateLimiter } from "./rate-limiter.js";

/**
 * A bucket of `burst` tokens that refills at `limit` per `intervalMs`, kept as
 * one number: the theoretical arrival time of GCRA (ITU-T I.371, the virtual
 * scheduling form). Times are held multiplied by `limit`, which makes all sums
 * exact for a clock of whole milliseconds.
 */
export class TokenBucket implements RateLimiter {
  readonly #limit: number;
  readonly #intervalMs: number;
  readonly #tolerance: number;
  #arrival = Number.NEGATIVE_INFINITY;

  constructor(options: { limit: number; intervalMs: number; burst: number }) {
    this.#limit = options.limit;
    this.#intervalMs = options.intervalMs;
    this.#tolerance = options.burst * options.intervalMs;
  }

  readyAt(cost: number, now: number): number {
    const next = this.#arrival + cost * this.#intervalMs;
    return Math.max(now, (next - this.#tolerance) / this.#limit);
  }

  take(cost: number, now: number): void {
    this.#arrival =
      Math.max(this.#arrival, now * this.#limit) + cost * this.#intervalMs;
  }
}
