import type { Clock } from "@/limits/clock.js";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** More of them without an end are a circle. */
const MOST_TIMERS = 100_000;

/** A clock that stands still until it is told to move. */
export class FakeClock implements Clock {
  #now = 0;
  #order = 0;
  #timers: Timer[] = [];
  #afterTurn: (() => void)[] = [];

  now(): number {
    return this.#now;
  }

  /** Began on 2026-01-01. */
  date(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  schedule(callback: () => void, delayMs: number): () => void {
    this.#order += 1;
    const timer = {
      at: this.#now + Math.max(0, delayMs),
      order: this.#order,
      callback,
    };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  afterTurn(callback: () => void): void {
    this.#afterTurn.push(callback);
  }

  /** The process is busy for so long: no timer fires meanwhile. */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** Timers that have been set and have neither fired nor been cancelled. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Resolves `delayMs` from now. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.schedule(resolve, delayMs);
    });
  }

  /** Fires all timers due within `ms`, each at its time, then stands there. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.#endTurn();
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#fire(timer);
      await this.#endTurn();
    }
    this.#now = end;
  }

  /**
   * Fires timers until none is left.
   *
   * @throws Error if there is no end of them
   */
  async drain(): Promise<void> {
    await this.#endTurn();
    let fired = 0;
    for (let timer = this.#next(); timer; timer = this.#next()) {
      fired += 1;
      if (fired > MOST_TIMERS) {
        throw new Error(
          `Expected timers to come to an end, but ${MOST_TIMERS} of them had fired by ${this.#now} ms.`,
        );
      }
      this.#fire(timer);
      await this.#endTurn();
    }
  }

  async #endTurn(): Promise<void> {
    await settle();
    while (this.#afterTurn.length > 0) {
      for (const callback of this.#afterTurn.splice(0)) callback();
      await settle();
    }
  }

  #next(end = Number.POSITIVE_INFINITY): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      const isEarlier =
        first === undefined ||
        timer.at < first.at ||
        (timer.at === first.at && timer.order < first.order);
      if (isEarlier) first = timer;
    }
    return first;
  }

  #fire(timer: Timer): void {
    this.#now = Math.max(this.#now, timer.at);
    this.#timers = this.#timers.filter((other) => other !== timer);
    timer.callback();
  }
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
