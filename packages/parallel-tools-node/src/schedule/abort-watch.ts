/** Listens to the signal of a run, from when it is asked to until it is let go. */
export class AbortWatch {
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #listens = false;

  constructor(signal: AbortSignal | undefined, onAbort: () => void) {
    this.#signal = signal;
    this.#onAbort = onAbort;
  }

  listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    this.#signal?.addEventListener("abort", this.#onAbort);
    this.check();
  }

  /** For those who can't wait until it is told. */
  check(): void {
    if (this.#signal?.aborted) this.#onAbort();
  }

  end(): void {
    if (!this.#listens) return;
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
