import type { Clock } from "../limits/clock.js";

/**
 * Whether the calls of a batch that have not arrived are late: calls that come one by
 * one come in one turn of the event loop. Some never come, e.g. since they ended before
 * the run was paused, or since another middleware answered them.
 */
export class LateCalls {
  readonly #clock: Clock;
  readonly #onLate: () => void;
  #areLate = false;
  #willBeLate = false;

  constructor(clock: Clock, onLate: () => void) {
    this.#clock = clock;
    this.#onLate = onLate;
  }

  get areLate(): boolean {
    return this.#areLate;
  }

  /** A call has arrived: others may come until this turn is over. */
  onArrive(): void {
    this.#areLate = false;
    if (this.#willBeLate) return;
    this.#willBeLate = true;
    this.#clock.afterTurn(() => {
      this.#willBeLate = false;
      this.#areLate = true;
      this.#onLate();
    });
  }
}
