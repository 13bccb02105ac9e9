import type { ToolCall } from "@langchain/core/messages/tool";
import { isCommand } from "@langchain/langgraph";
import { PolicyFunctionError } from "../errors/policy-function-error.js";
import { UnresolvedReferenceError } from "../errors/unresolved-reference-error.js";
import type { PlannedCall } from "../plan/batch-plan.js";
import type { RunAgain, RunOutcome } from "../schedule/outcome.js";
import { limitsFailedAnswer } from "./answers-without-run.js";
import type { BatchSignal } from "./batch-signal.js";
import type { CallRetries } from "./call-retries.js";
import { isControlFlow } from "./control-flow.js";
import {
  type Answer,
  errorAnswer,
  failureBehind,
  refusedAnswer,
} from "./run-tool.js";

interface CallJudgeOptions {
  readonly calls: readonly PlannedCall[];
  /** A call as it was run. */
  readonly toolCall: (position: number) => ToolCall;
  readonly retries: CallRetries | undefined;
  readonly signal: BatchSignal;
  readonly handlesErrors: boolean;
  /** What one call throws ends none of the others. */
  readonly areTasks: boolean;
}

/** Says what it means for a batch that a call has ended as it has. */
export class CallJudge {
  /** LangGraph's own signals by who threw them, in the order of time. */
  readonly thrown = new Map<number, unknown>();
  readonly #about: CallJudgeOptions;

  constructor(about: CallJudgeOptions) {
    this.#about = about;
  }

  /** Of a call that gave an answer. */
  ofAnswer(position: number, answer: Answer): RunOutcome<Answer> | RunAgain {
    if (isCommand(answer) || answer?.status !== "error") {
      return { status: "ok", value: answer };
    }
    if (this.#about.signal.signal?.aborted) {
      return { status: "aborted", value: answer };
    }
    const verdict = this.#about.retries?.failed(
      position,
      failureBehind(answer),
    );
    if (verdict?.status === "again") return verdict;
    const value =
      verdict?.retryAfterMs === undefined
        ? answer
        : refusedAnswer(this.#about.toolCall(position), answer, verdict);
    return { status: "error", value };
  }

  /** Of a call that threw. */
  ofError(position: number, error: unknown): RunOutcome<Answer> | RunAgain {
    if (isControlFlow(error)) {
      this.thrown.set(position, error);
      return { status: "interrupted", halt: !this.#about.areTasks };
    }
    if (this.#about.signal.causedBy(error)) return { status: "aborted" };
    const failure = { error, wasThrown: true };
    const verdict = this.#about.retries?.failed(position, failure);
    return verdict?.status === "again" ? verdict : this.#fail(position, error);
  }

  /** Of a call whose limits can't be known, or can't be had. */
  ofUnstarted(position: number, error: unknown): RunOutcome<Answer> {
    if (!this.#about.handlesErrors) return this.#fail(position, error);
    const isOfCall =
      PolicyFunctionError.isInstance(error) ||
      UnresolvedReferenceError.isInstance(error);
    const answer = isOfCall ? errorAnswer : limitsFailedAnswer;
    return {
      status: "error",
      value: answer(this.#about.toolCall(position), error),
    };
  }

  /** The error is to be thrown, and the other calls are to stop. */
  #fail(position: number, error: unknown): RunOutcome<Answer> {
    const { ordinal, name } = this.#about.calls[position] as PlannedCall;
    this.#about.signal.fail(ordinal, name, error);
    return { status: "error", error };
  }
}
