import type { RateLimiter } from "./rate-limiter.js";

/**
 * At most `limit` tokens in any span `[t, t + intervalMs)`, aligned or not. A
 * log of what was taken when, so exact; it holds at most `limit` entries.
 */
export class SlidingWindow implements RateLimiter {
  readonly #limit: number;
  readonly #intervalMs: number;
  /** Oldest first; entries before `#first` have left the window. */
  #taken: { at: number; cost: number }[] = [];
  #first = 0;
  #inWindow = 0;

  constructor(options: { limit: number; intervalMs: number }) {
    this.#limit = options.limit;
    this.#intervalMs = options.intervalMs;
  }

  readyAt(cost: number, now: number): number {
    this.#forget(now);
    let excess = this.#inWindow + cost - this.#limit;
    if (excess <= 0) return now;
    for (let i = this.#first; i < this.#taken.length; i += 1) {
      const entry = this.#taken[i] as { at: number; cost: number };
      excess -= entry.cost;
      if (excess <= 0) return entry.at + this.#intervalMs;
    }
    return Number.POSITIVE_INFINITY;
  }

  take(cost: number, now: number): void {
    const last = this.#taken.at(-1);
    if (last?.at === now && this.#first < this.#taken.length) last.cost += cost;
    else this.#taken.push({ at: now, cost });
    this.#inWindow += cost;
  }

  #forget(now: number): void {
    for (; this.#first < this.#taken.length; this.#first += 1) {
      const entry = this.#taken[this.#first] as { at: number; cost: number };
      if (entry.at + this.#intervalMs > now) break;
      this.#inWindow -= entry.cost;
    }
    if (this.#first * 2 > this.#taken.length) {
      this.#taken = this.#taken.slice(this.#first);
      this.#first = 0;
    }
  }
}
