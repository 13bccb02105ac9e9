export interface WindowLimit {
  readonly limit: number;
  readonly intervalMs: number;
}

/** A server's rate limit: never more than `limit` in any `intervalMs`. */
export class SlidingWindow {
  readonly #limit: WindowLimit;
  #entered: number[] = [];

  constructor(limit: WindowLimit) {
    this.#limit = limit;
  }

  /** 0 when a request may enter now, else the milliseconds until one may. */
  enter(now: number): number {
    const { limit, intervalMs } = this.#limit;
    this.#entered = this.#entered.filter((at) => at + intervalMs > now);
    if (this.#entered.length >= limit) {
      return (this.#entered[0] as number) + intervalMs - now;
    }
    this.#entered.push(now);
    return 0;
  }
}
