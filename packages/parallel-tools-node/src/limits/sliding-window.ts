import type { RateLimiter } from "./rate-limiter.js";

/**
 * At most `limit` tokens in any span `[t, t + intervalMs + jitterMs)`, wherever it
 * begins. It is exact, since it is a log of what was taken when, of at most `limit`
 * entries. Even if one request takes up to `jitterMs` longer than another, the
 * server sees no more than `limit` in any `intervalMs`.
 */
export class SlidingWindow implements RateLimiter {
  readonly #limit: number;
  readonly #windowMs: number;
  /** When tokens were taken, oldest first; entries before `#first` are old. */
  #times: number[] = [];
  /** By when they were asked for: `delay` makes the time at which they count later. */
  #takenAt: number[] = [];
  /** How many, in the same order. Arrays of numbers: the log may be long. */
  #costs: number[] = [];
  #first = 0;
  #inWindow = 0;

  constructor(options: {
    limit: number;
    intervalMs: number;
    jitterMs?: number;
  }) {
    this.#limit = options.limit;
    this.#windowMs = options.intervalMs + (options.jitterMs ?? 0);
  }

  readyAt(cost: number, now: number): number {
    this.#forget(now);
    let excess = this.#inWindow + cost - this.#limit;
    if (excess <= 0) return now;
    for (let i = this.#first; i < this.#times.length; i += 1) {
      excess -= this.#costs[i]!;
      if (excess <= 0) return this.#times[i]! + this.#windowMs;
    }
    return Number.POSITIVE_INFINITY;
  }

  take(cost: number, now: number): void {
    const last = this.#times.length - 1;
    if (
      last >= this.#first &&
      this.#times[last] === now &&
      this.#takenAt[last] === now
    ) {
      this.#costs[last]! += cost;
    } else {
      this.#times.push(now);
      this.#takenAt.push(now);
      this.#costs.push(cost);
    }
    this.#inWindow += cost;
  }

  delay(_cost: number, since: number, ms: number): void {
    const times = this.#times;
    for (let i = times.length - 1; i >= 0 && times[i]! >= since; i -= 1) {
      times[i]! += ms;
    }
  }

  /** More counts from now on. Less counts from when it was taken, if that counts still. */
  correct(more: number, since: number, now: number): void {
    if (more >= 0) {
      this.take(more, now);
      return;
    }
    this.#forget(now);
    let i = this.#times.length - 1;
    while (i > this.#first && this.#takenAt[i]! > since) i -= 1;
    if (i < this.#first || this.#takenAt[i] !== since) return;
    const back = Math.min(-more, this.#costs[i]!);
    this.#costs[i]! -= back;
    this.#inWindow -= back;
  }

  #forget(now: number): void {
    while (
      this.#first < this.#times.length &&
      this.#times[this.#first]! + this.#windowMs <= now
    ) {
      this.#inWindow -= this.#costs[this.#first]!;
      this.#first += 1;
    }
    if (this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first);
      this.#takenAt = this.#takenAt.slice(this.#first);
      this.#costs = this.#costs.slice(this.#first);
      this.#first = 0;
    }
  }
}
