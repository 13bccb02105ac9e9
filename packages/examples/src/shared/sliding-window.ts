export interface WindowLimit {
  readonly limit: number;
  readonly intervalMs: number;
}

/** A server's rate limit: never more than `limit` in any `intervalMs`. */
export class SlidingWindow {
  readonly #limit: WindowLimit;
  #entered: { readonly at: number; readonly cost: number }[] = [];

  constructor(limit: WindowLimit) {
    this.#limit = limit;
  }

  /** 0 when a request of this cost may enter now, else how long until it may. */
  waitMs(now: number, cost = 1): number {
    const { limit, intervalMs } = this.#limit;
    this.#entered = this.#entered.filter(({ at }) => at + intervalMs > now);
    let over = this.#entered.reduce((sum, one) => sum + one.cost, cost) - limit;
    let waitMs = 0;
    for (const one of this.#entered) {
      if (over <= 0) break;
      over -= one.cost;
      waitMs = one.at + intervalMs - now;
    }
    return waitMs;
  }

  enter(now: number, cost = 1): void {
    this.#entered.push({ at: now, cost });
  }
}
