import type { RateLimiter } from "./rate-limiter.js";

/**
 * A bucket of `burst` tokens that refills at `limit` per `intervalMs`, kept as
 * one number: the theoretical arrival time of GCRA (ITU-T I.371, the virtual
 * scheduling form). Times are held multiplied by `limit`, which makes all sums
 * exact for a clock of whole milliseconds.
 *
 * The burst is smaller by what flows in during `jitterMs`: requests that keep to a
 * tolerance, and are each delayed by up to `jitterMs`, keep to the tolerance plus
 * `jitterMs` (ITU-T I.371 on cell delay variation). Where the burst is smaller than
 * that, the same sum puts more time between calls.
 */
export class TokenBucket implements RateLimiter {
  readonly #limit: number;
  readonly #intervalMs: number;
  readonly #tolerance: number;
  #arrival = Number.NEGATIVE_INFINITY;

  constructor(options: {
    limit: number;
    intervalMs: number;
    burst: number;
    jitterMs?: number;
  }) {
    this.#limit = options.limit;
    this.#intervalMs = options.intervalMs;
    this.#tolerance =
      options.burst * options.intervalMs -
      (options.jitterMs ?? 0) * options.limit;
  }

  readyAt(cost: number, now: number): number {
    const next = this.#arrival + cost * this.#intervalMs;
    return Math.max(now, (next - this.#tolerance) / this.#limit);
  }

  take(cost: number, now: number): void {
    this.#arrival =
      Math.max(this.#arrival, now * this.#limit) + cost * this.#intervalMs;
  }

  /** Counts from now on: tokens that come back don't make the bucket overflow. */
  correct(more: number, _since: number, now: number): void {
    if (more >= 0) this.take(more, now);
    else {
      const full = Math.min(this.#arrival, now * this.#limit);
      this.#arrival = Math.max(full, this.#arrival + more * this.#intervalMs);
    }
  }

  delay(cost: number, since: number, ms: number): void {
    this.#arrival -= cost * this.#intervalMs;
    this.take(cost, since + ms);
  }
}
