import type { ToolCall } from "@langchain/core/messages/tool";
import { isCommand } from "@langchain/langgraph";
import { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import type { PlannedCall } from "../plan/batch-plan.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { Outcome, RunAgain, RunOutcome } from "../schedule/outcome.js";
import type { BatchSignal } from "./batch-signal.js";
import type { CallCircuits } from "./call-circuits.js";
import type { CallRetries } from "./call-retries.js";
import { isControlFlow } from "./control-flow.js";
import {
  asUnrun,
  outOfTimeAnswer,
  refusedAnswer,
  timedOutAnswer,
  unstartedAnswer,
} from "./failure-answers.js";
import {
  type Answer,
  type AnsweredCall,
  type ExecutableTool,
  failureBehind,
} from "./run-tool.js";

/** What whoever hands calls over knows of one that threw. */
export interface CallSource {
  /** Its answer; `undefined`: that is up to the judge. */
  readonly answerToError?: (
    position: number,
    error: unknown,
  ) => Answer | undefined;
  /** One that is aborted when the run is to end, beside that of the run. */
  readonly stopSignal?: (position: number) => AbortSignal | undefined;
}

interface CallJudgeOptions {
  readonly calls: readonly PlannedCall[];
  readonly policies: readonly ResolvedPolicy[];
  /** A call as it was run. */
  readonly toolCall: (position: number) => ToolCall;
  readonly tools: () => readonly ExecutableTool[];
  readonly retries: CallRetries | undefined;
  readonly circuits: CallCircuits | undefined;
  readonly signal: BatchSignal;
  readonly handlesErrors: boolean;
  /** What one call throws ends none of the others. */
  readonly areTasks: boolean;
  readonly source: CallSource;
  /** Ends all calls that wait. */
  readonly stop: (reason: unknown) => void;
}

/** Says what it means for a batch that a call has ended as it has. */
export class CallJudge {
  /** LangGraph's own signals by the position of the call that threw them. */
  readonly thrown = new Map<number, unknown>();
  readonly #about: CallJudgeOptions;

  constructor(about: CallJudgeOptions) {
    this.#about = about;
  }

  /** Of a call that gave an answer. */
  ofAnswer(position: number, answer: Answer): RunOutcome<Answer> | RunAgain {
    const { circuits, retries } = this.#about;
    if (isCommand(answer) || answer?.status !== "error") {
      circuits?.ended(position, "works");
      return { status: "ok", value: answer };
    }
    if (this.#about.signal.signal?.aborted) {
      circuits?.ended(position, "unknown");
      return { status: "aborted", value: answer };
    }
    const failure = failureBehind(answer);
    circuits?.failed(position, failure);
    const verdict = retries?.failed(position, failure);
    if (verdict?.status === "again") return verdict;
    if (verdict?.refusal === undefined) {
      return { status: "error", value: answer };
    }
    const { attempts, refusal } = verdict;
    const call = this.#about.toolCall(position);
    return {
      status: "error",
      value: refusedAnswer(call, answer, attempts, refusal),
    };
  }

  /** Of a call that threw. */
  ofError(position: number, error: unknown): RunOutcome<Answer> | RunAgain {
    if (!isControlFlow(error) && this.#hasStopped(position)) {
      this.#about.circuits?.ended(position, "unknown");
      return { status: "aborted", error };
    }
    const answer = this.#about.source.answerToError?.(position, error);
    return answer === undefined
      ? this.#ofThrown(position, error)
      : this.ofAnswer(position, answer);
  }

  /** Whether the run is to end, which its signal doesn't say. */
  #hasStopped(position: number): boolean {
    const { signal, source, stop } = this.#about;
    if (signal.isStopped || signal.signal?.aborted) return signal.isStopped;
    const ofCall = source.stopSignal?.(position);
    if (ofCall?.aborted) stop(ofCall.reason);
    return signal.isStopped;
  }

  #ofThrown(position: number, error: unknown): RunOutcome<Answer> | RunAgain {
    const { circuits, retries } = this.#about;
    if (isControlFlow(error)) {
      circuits?.ended(position, "unknown");
      this.thrown.set(position, error);
      return { status: "interrupted", halt: !this.#about.areTasks };
    }
    if (this.#about.signal.causedBy(error)) {
      circuits?.ended(position, "unknown");
      return { status: "aborted" };
    }
    const failure = { error, wasThrown: true };
    circuits?.failed(position, failure);
    const verdict = retries?.failed(position, failure);
    return verdict?.status === "again" ? verdict : this.#fail(position, error);
  }

  /**
   * Of a call whose attempt took too long: a failure like others, but that it
   * may still run, which its signal tells it not to.
   */
  ofTimeout(
    position: number,
    mayRunAgain: boolean,
  ): RunOutcome<Answer> | RunAgain {
    const { calls, policies, signal, retries, handlesErrors } = this.#about;
    const { timeoutMs, readOnly, idempotent } = policies[
      position
    ] as ResolvedPolicy;
    const { name } = calls[position] as PlannedCall;
    const error = new ToolTimeoutError(timeoutMs as number, name);
    signal.abortCall(position, error);
    if (mayRunAgain) this.#about.circuits?.ended(position, "fails");
    const verdict = mayRunAgain
      ? retries?.failed(position, { error, wasThrown: true })
      : undefined;
    if (verdict?.status === "again") return verdict;
    if (!handlesErrors) return this.#fail(position, error);
    const call = this.#about.toolCall(position);
    const value = timedOutAnswer(call, error, readOnly || idempotent);
    return { status: "error", value };
  }

  /** Of a call that its batch has no more time for. */
  ofCutOff(
    position: number,
    hasStarted: boolean,
    error: ToolTimeoutError,
  ): Outcome<Answer> {
    if (!this.#about.handlesErrors) return { status: "error", error };
    const { readOnly, idempotent } = this.#about.policies[
      position
    ] as ResolvedPolicy;
    const value =
      hasStarted || this.#hasRun(position)
        ? timedOutAnswer(
            this.#about.toolCall(position),
            error,
            readOnly || idempotent,
          )
        : outOfTimeAnswer(this.#answered(position), error);
    return { status: "aborted", value };
  }

  /** Of a call whose limits can't be known, or can't be had. */
  ofUnstarted(position: number, error: unknown): RunOutcome<Answer> {
    if (!this.#about.handlesErrors) return this.#fail(position, error);
    const value = unstartedAnswer(this.#answered(position), error);
    return { status: "error", value };
  }

  /** A call that isn't running, as its answer names it. */
  #answered(position: number): AnsweredCall {
    const call = this.#about.toolCall(position);
    return this.#hasRun(position) ? call : asUnrun(call, this.#about.tools());
  }

  /** Whether there was an attempt, and it has failed. */
  #hasRun(position: number): boolean {
    return this.#about.retries?.hasFailed(position) === true;
  }

  /** The error is to be thrown, and the other calls are to stop. */
  #fail(position: number, error: unknown): RunOutcome<Answer> {
    const { ordinal, name } = this.#about.calls[position] as PlannedCall;
    this.#about.signal.fail(ordinal, name, error);
    return { status: "error", error };
  }
}
