import type { ScheduleObserver } from "../schedule/schedule-observer.js";

/**
 * Which calls of a batch have come, which of them are under way, and which have
 * ended. Positions count the calls of the batch.
 */
export class Attendance implements ScheduleObserver {
  readonly #hasCome: Uint8Array;
  readonly #isActive: Uint8Array;
  readonly #hasEnded: Uint8Array;
  /** Calls that have not come, and whose end nobody knows. */
  #missing: number;
  /** Calls that are ready, run or rest. */
  #active = 0;
  /** Calls that have come and can't start before others have ended. */
  #waiting = 0;

  constructor(size: number) {
    this.#hasCome = new Uint8Array(size);
    this.#isActive = new Uint8Array(size);
    this.#hasEnded = new Uint8Array(size);
    this.#missing = size;
  }

  /** Nothing can happen before another call comes. */
  get isStuck(): boolean {
    return this.#missing > 0 && this.#active === 0;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get isOver(): boolean {
    return this.#missing + this.#active + this.#waiting === 0;
  }

  has(position: number): boolean {
    return this.#hasCome[position] === 1;
  }

  hasEnded(position: number): boolean {
    return this.#hasEnded[position] === 1;
  }

  /** The positions that have not come, and whose end nobody knows. */
  missing(): number[] {
    return this.#positions((i) => !this.has(i) && !this.hasEnded(i));
  }

  /** The positions that have come and can't start before others have ended. */
  blocked(): number[] {
    return this.#positions(
      (i) => this.has(i) && !this.hasEnded(i) && this.#isActive[i] === 0,
    );
  }

  onCome(position: number): void {
    this.#hasCome[position] = 1;
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
    else if (this.has(position)) this.#waiting -= 1;
    else this.#missing -= 1;
  }

  #positions(isOne: (position: number) => boolean): number[] {
    return [...this.#hasCome.keys()].filter(isOne);
  }
}
