import type { Limiter } from "./limiter.js";

/** At most `limit` in any interval, wherever it begins: it knows each time. */
export class SlidingWindow implements Limiter {
  readonly #limit: number;
  readonly #intervalMs: number;
  /** When requests were let in, in order. */
  #log: number[] = [];

  constructor(limit: number, intervalMs: number) {
    this.#limit = limit;
    this.#intervalMs = intervalMs;
  }

  take(nowMs: number): boolean {
    this.#log = this.#log.filter((atMs) => atMs > nowMs - this.#intervalMs);
    if (this.#log.length >= this.#limit) return false;
    this.#log.push(nowMs);
    return true;
  }

  waitMs(nowMs: number): number {
    return this.#msUntilGone(this.#log.at(-this.#limit), nowMs);
  }

  fullMs(nowMs: number): number {
    return this.#msUntilGone(this.#log.at(-1), nowMs);
  }

  #msUntilGone(atMs: number | undefined, nowMs: number): number {
    return atMs === undefined
      ? 0
      : Math.max(0, atMs + this.#intervalMs - nowMs);
  }
}
