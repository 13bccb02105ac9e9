import type { Clock } from "../limits/clock.js";
import type { CallLimits } from "../limits/limit-book.js";
import type { Holder } from "../limits/slots.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";

/** Corrects the books of the limits of one request when it is known what it used. */
export class Corrector implements ScheduleObserver {
  /** The attempt that runs. */
  holder: Holder | undefined;
  readonly #bound: CallLimits;
  readonly #clock: Clock;
  /** When the attempt took its tokens. */
  #since = 0;

  constructor(bound: CallLimits, clock: Clock) {
    this.#bound = bound;
    this.#clock = clock;
  }

  onReady(): void {}

  onStart(_position: number, now: number): void {
    this.#since = now;
  }

  onAgain(): void {}

  onEnd(): void {}

  /**
   * @param used at least 1
   * @param isAll nothing more was used: the answer has been read to its end
   */
  correct(used: number, isAll: boolean): void {
    const { holder } = this;
    const { cost, limits } = this.#bound;
    if (holder === undefined || (used < cost && !isAll)) return;
    const correction = { holder, cost, used, since: this.#since };
    const now = this.#clock.now();
    for (const limit of limits) limit.correct(correction, now);
  }
}
