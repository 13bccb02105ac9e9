import type { Clock } from "../limits/clock.js";
import type { SentCall } from "./sent-call.js";

/**
 * Ends a batch while its calls wait, when a stop signal that isn't the run's own
 * is aborted. Running calls see that signal by themselves. A wait that ends in the
 * same turn of the event loop costs nothing.
 *
 * idle -- a call waits --> requested -- the turn ends --> watching, or stopped
 */
export class StopWatch {
  readonly #clock: Clock;
  readonly #stop: (reason: unknown) => void;
  #isRequested = false;
  #hasEnded = false;
  #signal: AbortSignal | undefined;

  constructor(clock: Clock, stop: (reason: unknown) => void) {
    this.#clock = clock;
    this.#stop = stop;
  }

  /** A call waits: for others, for limits, or to be run again. */
  onWait(call: SentCall): void {
    if (this.#isRequested) return;
    this.#isRequested = true;
    this.#clock.afterTurn(() => {
      if (!this.#hasEnded) this.#watch(call.stopSignal?.());
    });
  }

  end(): void {
    this.#hasEnded = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  #watch(signal: AbortSignal | undefined): void {
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = () => this.#stop(this.#signal?.reason);
}
