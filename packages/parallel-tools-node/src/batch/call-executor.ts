import type { ToolCall } from "@langchain/core/messages/tool";
import { isCommand } from "@langchain/langgraph";
import { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import type { PlannedCall } from "../plan/batch-plan.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { Executor } from "../schedule/executor.js";
import type { Outcome, RunAgain, RunOutcome } from "../schedule/outcome.js";
import type { BatchHost } from "./batch-host.js";
import type { BatchSignal } from "./batch-signal.js";
import type { BatchWatch } from "./batch-watch.js";
import type { CallAttempts } from "./call-attempts.js";
import type { CallBinder } from "./call-binder.js";
import { isControlFlow } from "./control-flow.js";
import {
  asUnrun,
  outOfTimeAnswer,
  refusedAnswer,
  timedOutAnswer,
  unstartedAnswer,
} from "./failure-answers.js";
import { type Answer, type AnsweredCall, failureBehind } from "./run-tool.js";
import { shareAnswer } from "./share-answer.js";

/** What only the sender of calls can say of one of them. */
export interface CallSource {
  /**
   * Runs one attempt of a call.
   *
   * @param call with its references resolved
   * @param signal the one that its tool is to see
   */
  readonly execute: (
    position: number,
    call: ToolCall,
    signal: AbortSignal | undefined,
  ) => Promise<Answer>;
  /** The answer to a call that threw; `undefined`: as without this function. */
  readonly answerToError?: (
    position: number,
    error: unknown,
  ) => Answer | undefined;
  /** A signal, beside that of the run, that ends the run when it is aborted. */
  readonly stopSignal?: (position: number) => AbortSignal | undefined;
}

interface CallExecutorOptions {
  readonly calls: readonly PlannedCall[];
  readonly policies: readonly ResolvedPolicy[];
  readonly binder: CallBinder;
  readonly host: BatchHost;
  readonly source: CallSource;
  readonly signal: BatchSignal;
  readonly watch: BatchWatch | undefined;
  /** `undefined` where no policy is given: then all is as on the stock node. */
  readonly attempts: CallAttempts | undefined;
  /** Each call is a task of the graph: what one throws ends none of the others. */
  readonly areTasks: boolean;
  /** Ends all calls that wait. */
  readonly stop: (reason: unknown) => void;
}

/** Runs the calls of a batch, and says what the end of each attempt means. */
export class CallExecutor implements Executor<Answer> {
  /** LangGraph's own signals by the position of the call that threw them. */
  readonly thrown = new Map<number, unknown>();
  readonly #about: CallExecutorOptions;
  readonly #handlesErrors: boolean;
  #timeout: ToolTimeoutError | undefined;

  constructor(about: CallExecutorOptions) {
    this.#about = about;
    this.#handlesErrors = about.host.handlesErrors();
  }

  execute(position: number): Promise<Answer> {
    const { attempts, watch } = this.#about;
    attempts?.started(position);
    if (watch === undefined) return this.#run(position);
    return watch.start(position, () => this.#run(position));
  }

  #run(position: number): Promise<Answer> {
    const { source, binder, policies, signal } = this.#about;
    const { timeoutMs } = policies[position] as ResolvedPolicy;
    const heard =
      timeoutMs === undefined ? signal.signal : signal.ofCall(position);
    try {
      return source.execute(position, binder.toolCall(position), heard);
    } catch (error) {
      return Promise.reject(error); // A subclass's `runTool` need not be async.
    }
  }

  /** The end of a call that shares the one of an identical call. */
  share(
    position: number,
    { status, value }: Outcome<Answer>,
  ): Outcome<Answer> | undefined {
    if (value === undefined) return { status };
    const shared = shareAnswer(value, this.#about.binder.toolCall(position));
    return shared && { status, value: shared };
  }

  judgeValue(position: number, answer: Answer): RunOutcome<Answer> | RunAgain {
    const { attempts } = this.#about;
    if (isCommand(answer) || answer?.status !== "error") {
      attempts?.ended(position, "works");
      return { status: "ok", value: answer };
    }
    if (this.#about.signal.signal?.aborted) {
      attempts?.ended(position, "unknown");
      return { status: "aborted", value: answer };
    }
    const failure = failureBehind(answer);
    const verdict = attempts?.failed(position, failure);
    if (verdict?.status === "again") return verdict;
    if (verdict?.refusal === undefined) {
      return { status: "error", value: answer };
    }
    const call = this.#about.binder.toolCall(position);
    return {
      status: "error",
      value: refusedAnswer(call, answer, verdict.attempts, verdict.refusal),
    };
  }

  judgeError(position: number, error: unknown): RunOutcome<Answer> | RunAgain {
    if (!isControlFlow(error) && this.#hasStopped(position)) {
      this.#about.attempts?.ended(position, "unknown");
      return { status: "aborted", error };
    }
    const answer = this.#about.source.answerToError?.(position, error);
    return answer === undefined
      ? this.#ofThrown(position, error)
      : this.judgeValue(position, answer);
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
    const { attempts } = this.#about;
    if (isControlFlow(error)) {
      attempts?.ended(position, "unknown");
      this.thrown.set(position, error);
      return { status: "interrupted", halt: !this.#about.areTasks };
    }
    if (this.#about.signal.causedBy(error)) {
      attempts?.ended(position, "unknown");
      return { status: "aborted" };
    }
    const failure = { error, wasThrown: true };
    const verdict = attempts?.failed(position, failure);
    return verdict?.status === "again" ? verdict : this.#fail(position, error);
  }

  /** A failure like others, but that the tool may still run: its signal ends it. */
  judgeTimeout(
    position: number,
    mayRunAgain: boolean,
  ): RunOutcome<Answer> | RunAgain {
    const { calls, policies, signal, attempts } = this.#about;
    const { timeoutMs, readOnly, idempotent } = policies[
      position
    ] as ResolvedPolicy;
    const { name } = calls[position] as PlannedCall;
    const error = new ToolTimeoutError(timeoutMs as number, name);
    signal.abortCall(position, error);
    const verdict = mayRunAgain
      ? attempts?.failed(position, { error, wasThrown: true })
      : undefined;
    if (verdict?.status === "again") return verdict;
    if (!this.#handlesErrors) return this.#fail(position, error);
    const call = this.#about.binder.toolCall(position);
    const value = timedOutAnswer(call, error, readOnly || idempotent);
    return { status: "error", value };
  }

  judgeCutOff(position: number, hasStarted: boolean): Outcome<Answer> {
    const error = this.#batchTimeout;
    if (!this.#handlesErrors) return { status: "error", error };
    const { readOnly, idempotent } = this.#about.policies[
      position
    ] as ResolvedPolicy;
    const value =
      hasStarted || this.#hasRun(position)
        ? timedOutAnswer(
            this.#about.binder.toolCall(position),
            error,
            readOnly || idempotent,
          )
        : outOfTimeAnswer(this.#answered(position), error);
    return { status: "aborted", value };
  }

  onBatchTimeout(): void {
    this.#about.signal.abort(this.#batchTimeout);
  }

  judgeUnstarted(position: number, error: unknown): RunOutcome<Answer> {
    if (!this.#handlesErrors) return this.#fail(position, error);
    const call = this.#answered(position);
    const value = unstartedAnswer(call, error, this.#hasRun(position));
    return { status: "error", value };
  }

  /** One error for all calls that the batch has no more time for. */
  get #batchTimeout(): ToolTimeoutError {
    const { batchTimeoutMs } = this.#about.host;
    this.#timeout ??= new ToolTimeoutError(batchTimeoutMs as number);
    return this.#timeout;
  }

  /** A call that isn't running, as its answer names it. */
  #answered(position: number): AnsweredCall {
    const call = this.#about.binder.toolCall(position);
    return this.#hasRun(position)
      ? call
      : asUnrun(call, this.#about.host.tools());
  }

  /** Whether there was an attempt, and it has failed. */
  #hasRun(position: number): boolean {
    return this.#about.attempts?.hasFailed(position) === true;
  }

  /** The error is to be thrown, and the other calls are to stop. */
  #fail(position: number, error: unknown): RunOutcome<Answer> {
    const { ordinal, name } = this.#about.calls[position] as PlannedCall;
    this.#about.signal.fail(ordinal, name, error);
    return { status: "error", error };
  }
}
