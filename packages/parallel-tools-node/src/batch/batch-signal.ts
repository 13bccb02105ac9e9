import { SiblingFailedError } from "../errors/sibling-failed-error.js";

/**
 * The signal that the tools of a batch see. It is the run's own signal, unless
 * errors are to be thrown: then the first error aborts the rest.
 */
export class BatchSignal {
  /** `undefined` when the run has no signal and nothing here could abort. */
  readonly signal: AbortSignal | undefined;
  readonly #controller: AbortController | undefined;
  readonly #parent: AbortSignal | undefined;

  constructor(parent: AbortSignal | undefined, abortsOnError: boolean) {
    this.#parent = parent;
    if (!abortsOnError) {
      this.signal = parent;
      return;
    }
    this.#controller = new AbortController();
    this.signal = this.#controller.signal;
    if (parent?.aborted) this.#follow();
    else parent?.addEventListener("abort", this.#follow, { once: true });
  }

  /** A call threw: the others are to stop. */
  fail(ordinal: number, name: string, error: unknown): void {
    this.#controller?.abort(new SiblingFailedError(ordinal, name, error));
  }

  /** Whether a call threw because of the abort and not for a reason of its own. */
  causedBy(error: unknown): boolean {
    if (!this.signal?.aborted) return false;
    return (
      error === this.signal.reason ||
      (error instanceof Error && error.name === "AbortError")
    );
  }

  /** To be called when the batch has ended. */
  close(): void {
    this.#parent?.removeEventListener("abort", this.#follow);
  }

  readonly #follow = () => this.#controller?.abort(this.#parent?.reason);
}
