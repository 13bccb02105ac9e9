import type { ScheduleObserver } from "../schedule/schedule-observer.js";

/**
 * The state of each call in a batch whose calls come one by one:
 *
 *     missing -- it arrives --> waiting -- its dependencies end --> active
 *     any -- it ends --> ended
 *
 * Positions count the calls of the batch.
 */
export class SiblingStates implements ScheduleObserver {
  readonly #hasArrived: Uint8Array;
  readonly #isActive: Uint8Array;
  readonly #hasEnded: Uint8Array;
  /** The number of calls that have neither arrived nor ended elsewhere. */
  #missing: number;
  /** The number of calls that are ready, run, or wait for their next attempt. */
  #active = 0;
  /** The number of calls that have arrived and wait for dependencies. */
  #waiting = 0;

  constructor(size: number) {
    this.#hasArrived = new Uint8Array(size);
    this.#isActive = new Uint8Array(size);
    this.#hasEnded = new Uint8Array(size);
    this.#missing = size;
  }

  /** Nothing can happen before another call arrives. */
  get isStuck(): boolean {
    return this.#missing > 0 && this.#active === 0;
  }

  get waiting(): number {
    return this.#waiting;
  }

  hasArrived(position: number): boolean {
    return this.#hasArrived[position] === 1;
  }

  hasEnded(position: number): boolean {
    return this.#hasEnded[position] === 1;
  }

  /** Positions of the calls that have neither arrived nor ended elsewhere. */
  missing(): number[] {
    return this.#positions((i) => !this.hasArrived(i) && !this.hasEnded(i));
  }

  /** Positions of the calls that have arrived and wait for dependencies. */
  blocked(): number[] {
    return this.#positions(
      (i) => this.hasArrived(i) && !this.hasEnded(i) && this.#isActive[i] === 0,
    );
  }

  onArrive(position: number): void {
    this.#hasArrived[position] = 1;
    if (this.hasEnded(position)) return;
    this.#missing -= 1;
    this.#waiting += 1;
  }

  onReady(position: number): void {
    this.#isActive[position] = 1;
    this.#waiting -= 1;
    this.#active += 1;
  }

  onStart(): void {}

  onAgain(): void {}

  onEnd(position: number): void {
    this.#hasEnded[position] = 1;
    if (this.#isActive[position] === 1) this.#active -= 1;
    else if (this.hasArrived(position)) this.#waiting -= 1;
    else this.#missing -= 1;
  }

  #positions(isIncluded: (position: number) => boolean): number[] {
    return [...this.#hasArrived.keys()].filter(isIncluded);
  }
}
