import type { SentCall } from "./sent-call.js";

/**
 * Ends a batch when a signal is aborted that is not the run's, while calls wait.
 * Whichever call runs hears of it by itself.
 */
export class StopWatch {
  readonly #stop: (reason: unknown) => void;
  #signal: AbortSignal | undefined;
  #isOver = false;

  /** @param stop may be called more than once */
  constructor(stop: (reason: unknown) => void) {
    this.#stop = stop;
  }

  /** A call waits: for others, for limits, or to be run again. */
  onWait(call: SentCall): void {
    if (this.#signal !== undefined || this.#isOver) return;
    this.#signal = call.stopSignal?.();
    if (this.#signal?.aborted) this.#onAbort();
    else this.#signal?.addEventListener("abort", this.#onAbort);
  }

  end(): void {
    this.#isOver = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = () => this.#stop(this.#signal?.reason);
}
