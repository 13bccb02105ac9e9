import type { Circuit, CircuitVerdict } from "../limits/circuit.js";
import type { Clock } from "../limits/clock.js";
import { readFeedback } from "../limits/feedback/read-feedback.js";
import { readServerFeedback } from "../policy/server-feedback.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { Failure } from "./call-attempts.js";
import { isFinal, isRetryable } from "./is-retryable.js";

interface CallCircuitsOptions {
  /** Of the resources of a call, by its position. */
  readonly circuitsOf: (position: number) => readonly Circuit[];
  readonly policies: readonly ResolvedPolicy[];
  readonly clock: Clock;
}

/** Tells the circuits of a batch's calls how each attempt has ended. */
export class CallCircuits {
  readonly #options: CallCircuitsOptions;
  readonly #startedAt: Float64Array;

  constructor(options: CallCircuitsOptions) {
    this.#options = options;
    this.#startedAt = new Float64Array(options.policies.length);
  }

  /** An attempt begins. */
  started(position: number): void {
    this.#startedAt[position] = this.#options.clock.now();
  }

  /** An attempt has ended. */
  ended(position: number, verdict: CircuitVerdict): void {
    const circuits = this.#options.circuitsOf(position);
    if (circuits.length === 0) return;
    const now = this.#options.clock.now();
    const startedAt = this.#startedAt[position] as number;
    for (const circuit of circuits) circuit.ended(startedAt, now, verdict);
  }

  /** An attempt has failed, for a reason of its own and not for an abort. */
  failed(position: number, { error, wasThrown }: Failure): void {
    if (this.#options.circuitsOf(position).length === 0) return;
    // A tool that answers with an error has been able to answer.
    this.ended(
      position,
      wasThrown ? this.#verdictOn(position, error) : "works",
    );
  }

  /**
   * What is worth another attempt is the resource's failure; the rest, such as a
   * 404, it has answered. A call that never reached it, or that it was too busy
   * for, says nothing of it.
   */
  #verdictOn(position: number, error: unknown): CircuitVerdict {
    if (isFinal(error)) return "unknown";
    const { feedback } = this.#options.policies[position] as ResolvedPolicy;
    const said =
      feedback === undefined
        ? readFeedback(error, this.#options.clock.date())
        : readServerFeedback(feedback, error);
    if (said?.limited && !("status" in said && said.status === 503)) {
      return "unknown";
    }
    return isRetryable(error) ? "fails" : "works";
  }
}
