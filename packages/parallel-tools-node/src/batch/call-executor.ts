import { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { isCommand } from "@langchain/langgraph";
import { AccessCycleError } from "../errors/access-cycle-error.js";
import { CircuitOpenError } from "../errors/circuit-open-error.js";
import { describeKind } from "../errors/describe-value.js";
import { LimitsUnavailableError } from "../errors/limits-unavailable-error.js";
import { PolicyFunctionError } from "../errors/policy-function-error.js";
import { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import { ServerPausedError } from "../errors/server-paused-error.js";
import { UnresolvedReferenceError } from "../errors/unresolved-reference-error.js";
import type { Clock } from "../limits/clock.js";
import type { PlannedCall } from "../plan/batch-plan.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { Executor } from "../schedule/executor.js";
import type { Outcome, RunAgain, RunOutcome } from "../schedule/outcome.js";
import type { RunningCall } from "../schedule/surroundings.js";
import { finishAfter } from "../scope/call-scope.js";
import type { BatchHost } from "./batch-host.js";
import type { BatchSignal } from "./batch-signal.js";
import type { RunWatch } from "./batch-watch.js";
import type { CallAttempts } from "./call-attempts.js";
import type { CallBinder } from "./call-binder.js";
import { isControlFlow } from "./control-flow.js";
import type { EarlyClaims } from "./early-claims.js";
import { copyPlainData } from "./copy-plain-data.js";
import {
  asUnrun,
  outOfTimeAnswer,
  refusedAnswer,
  timedOutAnswer,
  unstartedAnswer,
} from "./failure-answers.js";
import { type CallFacts, type CallKeeper, NO_FACTS } from "./kept-calls.js";
import {
  type Answer,
  type AnsweredCall,
  failureBehind,
  isPlainText,
  markPlainText,
} from "./run-tool.js";

/** The functions by which calls are run. Nodes and the middleware have their own. */
export interface CallSource {
  /**
   * Runs one attempt of a call.
   *
   * @param call with its references resolved
   * @param signal for the tool
   */
  readonly execute: (
    position: number,
    call: ToolCall,
    signal: AbortSignal | undefined,
  ) => Promise<Answer>;
  /** Runs a function in the async context in which the call came. */
  readonly inOwnContext?: <Result>(
    position: number,
    run: () => Result,
  ) => Result;
  /** The answer to a call that threw; `undefined`: the batch handles the error. */
  readonly answerToError?: (
    position: number,
    error: unknown,
  ) => Answer | undefined;
  /** What is to be kept of a call beside its answer. */
  readonly factsOf?: (position: number, answer: Answer) => CallFacts;
  /** A second signal that ends the run when it is aborted. */
  readonly stopSignal?: (position: number) => AbortSignal | undefined;
}

interface CallExecutorOptions {
  readonly calls: readonly PlannedCall[];
  readonly policies: readonly ResolvedPolicy[];
  readonly binder: CallBinder;
  readonly host: BatchHost;
  readonly source: CallSource;
  readonly signal: BatchSignal;
  readonly watch: RunWatch | undefined;
  /** `undefined` without the option `durable`. */
  readonly kept: CallKeeper | undefined;
  /** The calls that take an early run. `undefined`: there is none. */
  readonly claims: EarlyClaims | undefined;
  /** `undefined` if no tool has a policy: no attempt is followed or repeated. */
  readonly attempts: CallAttempts | undefined;
  /** A call that throws doesn't end the others. */
  readonly othersRunOn: boolean;
  /** Ends all calls that wait. */
  readonly stop: (reason: unknown) => void;
}

/** Runs the calls of a batch, and decides what the end of each attempt means. */
export class CallExecutor implements Executor<Answer> {
  /** The signals of LangGraph that calls threw, by position. */
  readonly thrown = new Map<number, unknown>();
  readonly #options: CallExecutorOptions;
  readonly #handlesErrors: boolean;
  #timeout: ToolTimeoutError | undefined;
  /** A call has thrown. Whoever runs its task decides now if the others end. */
  #decision: Promise<void> | undefined;

  constructor(options: CallExecutorOptions) {
    this.#options = options;
    this.#handlesErrors = options.host.handlesErrors();
  }

  execute(position: number, running: RunningCall): Promise<Answer> {
    const { attempts, source } = this.#options;
    attempts?.started(position);
    // Outermost, since it replaces the context of whoever made room for the call.
    return source.inOwnContext === undefined
      ? this.#attempt(position, running)
      : source.inOwnContext(position, () => this.#attempt(position, running));
  }

  #attempt(position: number, running: RunningCall): Promise<Answer> {
    const { watch, host } = this.#options;
    const run = host.code.isOn
      ? () => finishAfter(() => this.#run(position))
      : () => this.#run(position);
    return running.run(watch ? () => watch.start(position, run) : run);
  }

  #run(position: number): Promise<Answer> {
    const { kept, calls } = this.#options;
    const begun = kept?.begin((calls[position] as PlannedCall).index);
    return begun === undefined
      ? this.#start(position)
      : begun.then(() => this.#start(position));
  }

  async #startUnlessEnded(position: number): Promise<Answer> {
    await this.#decision;
    const { signal } = this.#options.signal;
    if (signal?.aborted) throw signal.reason;
    return this.#start(position);
  }

  #start(position: number): Promise<Answer> {
    if (this.#decision !== undefined) return this.#startUnlessEnded(position);
    const { source, policies, signal, claims } = this.#options;
    const { timeoutMs } = policies[position] as ResolvedPolicy;
    const callSignal =
      timeoutMs === undefined ? signal.signal : signal.ofCall(position);
    const run = () =>
      source.execute(position, this.#callToRun(position), callSignal);
    try {
      return claims?.at(position)?.run(run) ?? run();
    } catch (error) {
      return Promise.reject(error); // A subclass's `runTool` may be sync.
    }
  }

  /**
   * The call for one attempt. A tool may change its arguments: not all schemas make
   * it get a copy. A further attempt, and a durable run that continues, need them
   * as they were. Otherwise the tool gets the message's own, as on the stock node.
   */
  #callToRun(position: number): ToolCall {
    const { binder, policies, host } = this.#options;
    const call = binder.toolCall(position);
    const needsCopy =
      (policies[position] as ResolvedPolicy).isGiven ||
      host.durability !== undefined ||
      binder.needsOutputs(position);
    return needsCopy ? { ...call, args: copyPlainData(call.args) } : call;
  }

  share(
    position: number,
    { status, value }: Outcome<Answer>,
  ): Outcome<Answer> | undefined {
    if (value === undefined) return { status };
    const shared = shareAnswer(value, this.#options.binder.toolCall(position));
    return shared && { status, value: shared };
  }

  judgeValue(position: number, answer: Answer): RunOutcome<Answer> | RunAgain {
    const { attempts } = this.#options;
    if (isCommand(answer) || answer?.status !== "error") {
      attempts?.ended(position, "works");
      return { status: "ok", value: answer };
    }
    if (this.#options.signal.signal?.aborted) {
      attempts?.ended(position, "unknown");
      return { status: "aborted", value: answer };
    }
    const failure = failureBehind(answer);
    const verdict = attempts?.failed(position, failure);
    if (verdict?.status === "again") return verdict;
    if (verdict?.refusal === undefined) {
      return { status: "error", value: answer };
    }
    const call = this.#options.binder.toolCall(position);
    return {
      status: "error",
      value: refusedAnswer(call, answer, verdict.attempts, verdict.refusal),
    };
  }

  judgeError(position: number, error: unknown): RunOutcome<Answer> | RunAgain {
    if (!isControlFlow(error) && this.#hasStopped(position)) {
      this.#options.attempts?.ended(position, "unknown");
      return { status: "aborted", error };
    }
    const answer = this.#options.source.answerToError?.(position, error);
    return answer === undefined
      ? this.#judgeThrown(position, error)
      : this.judgeValue(position, answer);
  }

  /** Whether the run is to end, which its signal doesn't say. */
  #hasStopped(position: number): boolean {
    const { signal, source, stop } = this.#options;
    if (signal.isStopped || signal.signal?.aborted) return signal.isStopped;
    const ofCall = source.stopSignal?.(position);
    if (ofCall?.aborted) stop(ofCall.reason);
    return signal.isStopped;
  }

  #judgeThrown(
    position: number,
    error: unknown,
  ): RunOutcome<Answer> | RunAgain {
    const { attempts } = this.#options;
    if (isControlFlow(error)) {
      attempts?.ended(position, "unknown");
      this.thrown.set(position, error);
      return { status: "interrupted", halt: !this.#options.othersRunOn };
    }
    if (this.#options.signal.causedBy(error)) {
      attempts?.ended(position, "unknown");
      return { status: "aborted" };
    }
    const failure = { error, wasThrown: true };
    const verdict = attempts?.failed(position, failure);
    return verdict?.status === "again" ? verdict : this.#fail(position, error);
  }

  /** Counts as a failed attempt. The tool may still run, so it is aborted. */
  judgeTimeout(
    position: number,
    mayRunAgain: boolean,
  ): RunOutcome<Answer> | RunAgain {
    const { calls, policies, signal, attempts } = this.#options;
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
    const call = this.#options.binder.toolCall(position);
    const value = timedOutAnswer(call, error, readOnly || idempotent);
    return { status: "error", value };
  }

  judgeCutOff(position: number, hasStarted: boolean): Outcome<Answer> {
    const error = this.#batchTimeout;
    if (!this.#handlesErrors) return { status: "error", error };
    const { readOnly, idempotent } = this.#options.policies[
      position
    ] as ResolvedPolicy;
    if (!hasStarted && !this.#hasRun(position)) {
      const value = outOfTimeAnswer(this.#answeredCall(position), error);
      return { status: "aborted", value };
    }
    const call = this.#options.binder.toolCall(position);
    const value = timedOutAnswer(call, error, readOnly || idempotent);
    void this.#keep(position, value);
    return { status: "aborted", value };
  }

  keep(
    position: number,
    { status, value }: Outcome<Answer>,
  ): Promise<void> | undefined {
    // An answer of a run that was aborted isn't the call's own.
    const hasEnded = status === "ok" || status === "error";
    return hasEnded && value ? this.#keep(position, value) : undefined;
  }

  #keep(position: number, answer: Answer): Promise<void> | undefined {
    const { kept, calls, source, binder } = this.#options;
    const { index } = calls[position] as PlannedCall;
    const given = binder.given(position);
    const facts = source.factsOf?.(position, answer);
    if (given === undefined) return kept?.keep(index, answer, facts);
    return kept?.keep(index, answer, { ...NO_FACTS, ...facts, given });
  }

  onBatchTimeout(): void {
    this.#options.signal.abort(this.#batchTimeout);
  }

  judgeUnstarted(position: number, error: unknown): RunOutcome<Answer> {
    if (!this.#handlesErrors) return this.#fail(position, error);
    const call = this.#answeredCall(position);
    const value = unstartedAnswer(call, error, this.#hasRun(position));
    this.#warnOf(position, error);
    return { status: "error", value };
  }

  /** The model isn't told of faults of the application, so the console is. */
  #warnOf(position: number, error: unknown): void {
    const { host, calls } = this.#options;
    if (PolicyFunctionError.isInstance(error)) {
      host.warnings.warn(error.option, error.message);
    } else if (!isKnownReason(error)) {
      const { name } = calls[position] as PlannedCall;
      const text = error instanceof Error ? error.message : describeKind(error);
      host.warnings.warn(
        `limits of ${name}`,
        `the limits of \`${name}\` can't be asked, so a call of it was not run: ${text}`,
      );
    }
  }

  /** All calls that the batch has no more time for share one error. */
  get #batchTimeout(): ToolTimeoutError {
    const { batchTimeoutMs } = this.#options.host;
    this.#timeout ??= new ToolTimeoutError(batchTimeoutMs as number);
    return this.#timeout;
  }

  /** The id and name for the answer to a call that isn't running. */
  #answeredCall(position: number): AnsweredCall {
    const call = this.#options.binder.toolCall(position);
    return this.#hasRun(position)
      ? call
      : asUnrun(call, this.#options.host.tools());
  }

  /** Whether an attempt of the call has failed. */
  #hasRun(position: number): boolean {
    return this.#options.attempts?.hasFailed(position) === true;
  }

  /** LangGraph aborts the tasks beside one that threw, in the same turn. */
  #awaitDecision(clock: Clock): void {
    const decision = new Promise<void>((resolve) => {
      clock.afterTurn(() => {
        if (this.#decision === decision) this.#decision = undefined;
        resolve();
      });
    });
    this.#decision = decision;
  }

  /** The outcome of a call whose error is thrown. May abort the other calls. */
  #fail(position: number, error: unknown): RunOutcome<Answer> {
    const { ordinal, name } = this.#options.calls[position] as PlannedCall;
    const { signal, host } = this.#options;
    signal.fail(ordinal, name, error);
    if (!signal.signal?.aborted) this.#awaitDecision(host.clock);
    return { status: "error", error };
  }
}

/** The answer to the call says it, or it is told elsewhere. */
function isKnownReason(error: unknown): boolean {
  return (
    UnresolvedReferenceError.isInstance(error) ||
    AccessCycleError.isInstance(error) ||
    CircuitOpenError.isInstance(error) ||
    ServerPausedError.isInstance(error) ||
    LimitsUnavailableError.isInstance(error)
  );
}

/**
 * The answer to an identical call, with the id of this call. `undefined` for a
 * Command: it may change the state, and we can't know if it should do so twice.
 */
function shareAnswer(answer: Answer, call: ToolCall): ToolMessage | undefined {
  if (isCommand(answer)) return undefined;
  const { content, artifact, status, name, metadata } = answer;
  const shared = new ToolMessage({
    content: copyPlainData(content),
    artifact: copyPlainData(artifact) as unknown,
    ...(status !== undefined && { status }),
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    additional_kwargs: { ...answer.additional_kwargs },
    response_metadata: { ...answer.response_metadata },
    tool_call_id: call.id ?? "",
  });
  if (isPlainText(answer)) markPlainText(shared);
  return shared;
}
