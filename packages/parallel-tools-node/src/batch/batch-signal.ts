import { setMaxListeners } from "node:events";
import { SiblingFailedError } from "../errors/sibling-failed-error.js";
import { isGraphAbort } from "../langgraph/nested-signal.js";

interface BatchSignalOptions {
  /** The signal of the run. */
  readonly parent: AbortSignal | undefined;
  /** LangGraph made `parent` for this step of a graph. */
  readonly isStepSignal: boolean;
  /** The first error of a call aborts the other calls. */
  readonly abortsOnError: boolean;
  /** The number of calls in the batch. */
  readonly size: number;
  /**
   * The batch must be able to abort by itself: it has a time limit, or graphs
   * inside its tools have to learn that another task threw. The step's signal
   * tells that only to tools.
   */
  readonly needsOwnSignal: boolean;
}

/**
 * The signals that the tools of a batch see: the run's signal or, if the batch
 * itself may have to abort, a signal of the batch that follows it. A call with a
 * time limit has a signal of its own.
 *
 * LangChain adds one listener per running call to the signal that it is given, and
 * Node warns of a leak beyond ten listeners. For the signal of a step that warning
 * is turned off. A signal of the application isn't ours to change: there, a batch
 * of several calls uses a signal of its own.
 */
export class BatchSignal {
  /** `undefined`: the run has no signal, and this batch never aborts. */
  readonly signal: AbortSignal | undefined;
  readonly #controller: AbortController | undefined;
  readonly #parent: AbortSignal | undefined;
  readonly #abortsOnError: boolean;
  /** Set by `stop`, while the run's signal isn't aborted. */
  #stopped: { readonly reason: unknown } | undefined;
  /** The controllers of calls with a time limit, by position. */
  readonly #calls = new Map<number, AbortController>();

  constructor(options: BatchSignalOptions) {
    const { parent, isStepSignal, abortsOnError, size } = options;
    this.#parent = parent;
    this.#abortsOnError = abortsOnError;
    const canUseParent = parent === undefined || isStepSignal || size <= 1;
    if (canUseParent && !options.needsOwnSignal) {
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

  /** A new signal for one attempt of a call. `abortCall` aborts it alone. */
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

  /** A call threw: aborts the others, with `abortsOnError`. */
  fail(ordinal: number, name: string, error: unknown): void {
    if (!this.#abortsOnError) return;
    this.abort(new SiblingFailedError(ordinal, name, error));
  }

  /** Aborts all calls that still run. */
  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  /**
   * Keeps further calls from starting. Running calls see the signal that caused
   * this by themselves, so their own signals aren't aborted.
   */
  stop(reason: unknown): void {
    this.#stopped ??= { reason };
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /**
   * What an aborted or stopped call throws: the reason or, if another call failed,
   * the error of that call. All tasks of a graph then throw the same error, and
   * the graph throws it unchanged. Different errors would become an AggregateError.
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
    // A nested agent may have wrapped the error of an agent inside it.
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

/** Bounds the walk along `cause`, which may be a cycle. */
const MAX_CAUSES = 10;

function isAbortError(error: unknown): boolean {
  const isNamed = error instanceof Error && error.name === "AbortError";
  return isNamed || isGraphAbort(error);
}
