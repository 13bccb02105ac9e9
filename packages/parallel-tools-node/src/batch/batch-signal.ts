import { setMaxListeners } from "node:events";
import { SiblingFailedError } from "../errors/sibling-failed-error.js";
import { isGraphAbort } from "../langgraph/nested-signal.js";

interface BatchSignalOptions {
  /** Of the run. */
  readonly parent: AbortSignal | undefined;
  /** The run is a step of a graph: LangGraph has made its signal, for this step. */
  readonly isOfStep: boolean;
  /** Errors are thrown, and the first one aborts the rest. */
  readonly abortsOnError: boolean;
  /** Calls of the batch. */
  readonly size: number;
  /**
   * The step's signal is not enough: the batch has a limit in time, or graphs in
   * its tools have to hear that a task beside them threw, which the step's signal
   * says to tools alone.
   */
  readonly isOwn: boolean;
}

/**
 * The signals that the tools of a batch see: the run's, or one of the batch that
 * follows it, where the batch itself may have to abort. A call with a limit in
 * time has one of its own, too.
 *
 * LangChain adds a listener for each running call to the signal that it is given,
 * and Node takes more than ten on one for a leak, and says so. The signal of a
 * step is told that it is none. One of the application's is not ours to change:
 * there, several calls have a signal of the batch.
 */
export class BatchSignal {
  /** `undefined` when the run has no signal and nothing here may have to abort. */
  readonly signal: AbortSignal | undefined;
  readonly #controller: AbortController | undefined;
  readonly #parent: AbortSignal | undefined;
  readonly #abortsOnError: boolean;
  /** The batch was told to stop, by what is no signal of the run. */
  #stopped: { readonly reason: unknown } | undefined;
  /** Of calls with a limit of their own, by their positions. */
  readonly #calls = new Map<number, AbortController>();

  constructor(options: BatchSignalOptions) {
    const { parent, isOfStep, abortsOnError, size, isOwn } = options;
    this.#parent = parent;
    this.#abortsOnError = abortsOnError;
    const suffices = parent === undefined || isOfStep || size <= 1;
    if (suffices && !isOwn) {
      this.signal = parent;
      if (parent !== undefined && size > 1) setMaxListeners(0, parent);
      return;
    }
    this.#controller = new AbortController();
    this.signal = this.#controller.signal;
    setMaxListeners(0, this.signal);
    if (parent?.aborted) this.#follow();
    else parent?.addEventListener("abort", this.#follow, { once: true });
  }

  /** The signal for an attempt of a call, which `abortCall` can abort alone. */
  ofCall(position: number): AbortSignal {
    const controller = new AbortController();
    const { signal } = controller;
    setMaxListeners(0, signal);
    if (this.signal?.aborted) controller.abort(this.signal.reason);
    if (this.#calls.size === 0) {
      this.signal?.addEventListener("abort", this.#abortCalls, { once: true });
    }
    this.#calls.set(position, controller);
    return signal;
  }

  abortCall(position: number, reason: unknown): void {
    this.#calls.get(position)?.abort(reason);
  }

  /** A call threw: the others are to stop. */
  fail(ordinal: number, name: string, error: unknown): void {
    if (!this.#abortsOnError) return;
    this.abort(new SiblingFailedError(ordinal, name, error));
  }

  /** All calls that still run are to stop. */
  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  /**
   * No call may start any more. Those that run have been told by what tells us:
   * their signals stay as they are.
   */
  stop(reason: unknown): void {
    this.#stopped ??= { reason };
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /**
   * What a call throws that was aborted or stopped: the reason, or the error of the
   * call that made it stop. It is the same error then for all tasks of a graph,
   * which throws it as it is; of several it would make an AggregateError.
   */
  get failure(): unknown {
    if (this.#stopped !== undefined) return this.#stopped.reason;
    const reason: unknown = this.signal?.reason;
    return SiblingFailedError.isInstance(reason) ? reason.cause : reason;
  }

  /** Whether a call threw because of the abort and not for a reason of its own. */
  causedBy(error: unknown): boolean {
    if (!this.signal?.aborted) return false;
    const { reason } = this.signal;
    // An agent inside may have wrapped what one inside of it threw.
    let inner = error;
    for (let depth = 0; depth < MAX_CAUSES; depth += 1) {
      if (inner === reason || isAbortError(inner)) return true;
      if (!(inner instanceof Error)) return false;
      inner = inner.cause;
    }
    return false;
  }

  /** To be called when the batch has ended. */
  close(): void {
    this.#parent?.removeEventListener("abort", this.#follow);
    this.signal?.removeEventListener("abort", this.#abortCalls);
  }

  readonly #follow = () => this.#controller?.abort(this.#parent?.reason);

  readonly #abortCalls = () => {
    for (const call of this.#calls.values()) call.abort(this.signal?.reason);
  };
}

/** Errors may point to each other. */
const MAX_CAUSES = 10;

function isAbortError(error: unknown): boolean {
  const isNamed = error instanceof Error && error.name === "AbortError";
  return isNamed || isGraphAbort(error);
}
