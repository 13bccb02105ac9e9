import type { Clock } from "../limits/clock.js";
import type { SentCall } from "./sent-call.js";

/**
 * Ends a batch when a signal is aborted that is not the run's, while calls wait.
 * Whichever call runs hears of it by itself. A wait that is over in the same turn
 * of the event loop costs nothing.
 *
 * unasked -- a call waits --> asked -- the turn is over --> watching, or stopped
 */
export class StopWatch {
  readonly #clock: Clock;
  readonly #stop: (reason: unknown) => void;
  #isAsked = false;
  #isOver = false;
  #signal: AbortSignal | undefined;

  constructor(clock: Clock, stop: (reason: unknown) => void) {
    this.#clock = clock;
    this.#stop = stop;
  }

  /** A call waits: for others, for limits, or to be run again. */
  onWait(call: SentCall): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#clock.afterTurn(() => {
      if (!this.#isOver) this.#watch(call.stopSignal?.());
    });
  }

  end(): void {
    this.#isOver = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  #watch(signal: AbortSignal | undefined): void {
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = () => this.#stop(this.#signal?.reason);
}
