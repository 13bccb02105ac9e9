import type { Limiter } from "./limiter.js";

/** At most `limit` from one edge to the next; there is one each interval. */
export class FixedWindow implements Limiter {
  readonly #limit: number;
  readonly #intervalMs: number;
  /** The edge before the latest request. */
  #edgeMs: number;
  #taken = 0;

  /** Windows begin at `edgeMs` and every interval from there. */
  constructor(limit: number, intervalMs: number, edgeMs: number) {
    this.#limit = limit;
    this.#intervalMs = intervalMs;
    this.#edgeMs = edgeMs;
  }

  take(nowMs: number): boolean {
    const passed = Math.floor((nowMs - this.#edgeMs) / this.#intervalMs);
    if (passed > 0) {
      this.#edgeMs += passed * this.#intervalMs;
      this.#taken = 0;
    }
    if (this.#taken >= this.#limit) return false;
    this.#taken += 1;
    return true;
  }

  waitMs(nowMs: number): number {
    return this.#taken < this.#limit ? 0 : this.fullMs(nowMs);
  }

  fullMs(nowMs: number): number {
    if (this.#taken === 0) return 0;
    return Math.max(0, this.#edgeMs + this.#intervalMs - nowMs);
  }
}
