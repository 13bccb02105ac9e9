import type { Clock } from "../limits/clock.js";

const FIRST_MS = 20;
const MOST_MS = 1_000;
/** By so much longer is each wait than the one before it. */
const GROWTH = 1.25;

/**
 * Asks again and again while this process waits in a queue and no message can
 * tell it that its turn has come. It waits longer each time that nothing has
 * come, so that a call starts later by no more than a quarter of what it has waited,
 * and by no more than a second.
 */
export class Polling {
  readonly #clock: Clock;
  readonly #ask: () => void;
  #delayMs = FIRST_MS;
  /** Until then messages of other processes may not arrive. */
  #silentUntil = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, ask: () => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /**
   * @param waits this process waits in a queue
   * @param hasMessages messages arrive
   */
  update(waits: boolean, hasMessages: boolean): void {
    const isDeaf = !hasMessages || this.#clock.now() < this.#silentUntil;
    if (!waits || !isDeaf) {
      this.stop();
      return;
    }
    this.#cancel ??= this.#clock.schedule(() => {
      this.#cancel = undefined;
      this.#delayMs = Math.min(this.#delayMs * GROWTH, MOST_MS);
      this.#ask();
    }, this.#delayMs);
  }

  /** Messages of some process don't go out, and may not for `ms`. */
  onSilent(ms: number): void {
    this.#silentUntil = this.#clock.now() + ms;
  }

  /** Something has changed, so more may change soon. `update` must follow. */
  hurry(): void {
    // A short wait goes on, else a process that is busy would never ask.
    if (this.#delayMs > FIRST_MS) this.stop();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#delayMs = FIRST_MS;
  }
}
