import type { ToolCall } from "@langchain/core/messages/tool";
import { isCommand, type LangGraphRunnableConfig } from "@langchain/langgraph";
import { PolicyFunctionError } from "../errors/policy-function-error.js";
import { UnresolvedReferenceError } from "../errors/unresolved-reference-error.js";
import type { BatchPlan, PlannedCall } from "../plan/batch-plan.js";
import { type BatchMode, planCalls } from "../plan/plan-calls.js";
import { NO_POLICY } from "../policy/policy-book.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { BatchRecorder } from "../report/batch-recorder.js";
import { createRecorder } from "../report/create-recorder.js";
import { notify } from "../report/notify.js";
import type { Outcome, RunAgain, RunOutcome } from "../schedule/outcome.js";
import { runSchedule } from "../schedule/run-schedule.js";
import type {
  BoundCall,
  LateBinding,
  ScheduledCall,
} from "../schedule/scheduled-call.js";
import {
  deferredAnswer,
  limitsFailedAnswer,
  skippedAnswer,
  tooManyCallsAnswer,
} from "./answers-without-run.js";
import type { BatchHost } from "./batch-host.js";
import { batchLimits } from "./batch-limits.js";
import { BatchReferences } from "./batch-references.js";
import { BatchSignal } from "./batch-signal.js";
import { CallBinder } from "./call-binder.js";
import { callEndOf } from "./call-end.js";
import { CallRetries, type RetryingCall } from "./call-retries.js";
import { combineAnswers } from "./combine-answers.js";
import { isControlFlow, mergeControlFlow } from "./control-flow.js";
import { executionModeOf } from "./execution-mode.js";
import { type Batch, readBatch } from "./read-batch.js";
import {
  type Answer,
  errorAnswer,
  failureBehind,
  refusedAnswer,
} from "./run-tool.js";
import { shareAnswer } from "./share-answer.js";

/**
 * Plans and runs a batch and gives the state update: one answer per call, in
 * the order of the message. When it returns or throws, none of its calls runs
 * any more.
 *
 * @throws the error of the lowest index; else what {@link mergeControlFlow}
 *   makes of LangGraph's signals; else the reason of the abort that kept calls
 *   from running
 */
export async function runBatch(
  input: unknown,
  config: LangGraphRunnableConfig,
  host: BatchHost,
): Promise<unknown> {
  const batch = readBatch(input);
  const mode = executionModeOf(host.sequential, batch, config);
  const run = new BatchRun(batch, mode, config, host);
  try {
    const outcomes = await run.outcomes();
    return combineAnswers(run.answers(outcomes), batch.isArray);
  } finally {
    run.close();
  }
}

class BatchRun {
  readonly #batch: Batch;
  readonly #host: BatchHost;
  readonly #plan: BatchPlan;
  readonly #policies: readonly ResolvedPolicy[];
  readonly #signal: BatchSignal;
  readonly #config: LangGraphRunnableConfig;
  readonly #handlesErrors: boolean;
  readonly #recorder: BatchRecorder | undefined;
  /** Where something was said of a tool: else all is as on the stock node. */
  readonly #retries: CallRetries | undefined;
  readonly #binder: CallBinder;
  /** The first call whose policy failed, where errors are thrown: nothing runs. */
  #unbound: { readonly error: unknown } | undefined;
  /** What LangGraph's own signals were thrown, in the order of time. */
  readonly #controlFlow: unknown[] = [];
  /** Positions in the batch by index in the message. */
  readonly #positions = new Map<number, number>();

  constructor(
    batch: Batch,
    mode: BatchMode,
    config: LangGraphRunnableConfig,
    host: BatchHost,
  ) {
    this.#batch = batch;
    this.#host = host;
    this.#policies = batch.toolCalls.map(({ name }, position) =>
      this.#isBeyond(position) ? NO_POLICY : host.policies.of(name),
    );
    const calls = batch.toolCalls.map(({ name, id, args }, position) => {
      const index = batch.indexes[position] as number;
      this.#positions.set(index, position);
      return { index, id, name, args };
    });
    const references =
      host.references &&
      new BatchReferences(batch, this.#policies, host.references);
    this.#plan = planCalls(calls, this.#policies, mode, references?.calls);
    const { limits, clock } = host;
    this.#binder = new CallBinder({
      batch,
      policies: this.#policies,
      references,
      limits,
      withBatchLimits: batchLimits(config.maxConcurrency, calls.length, clock),
    });
    this.#recorder = createRecorder(this.#plan, host, {
      argsAt: (position) => this.#toolCall(position).args,
      endOf: callEndOf,
    });
    if (this.#policies.some(({ isGiven }) => isGiven)) {
      this.#retries = new CallRetries(
        calls.length,
        (position) => this.#retryingCall(position),
        host.retries,
      );
    }
    this.#handlesErrors = host.handlesErrors();
    this.#signal = new BatchSignal(config.signal, !this.#handlesErrors);
    const { signal } = this.#signal;
    this.#config =
      signal === config.signal || signal === undefined
        ? config
        : { ...config, signal };
  }

  /** Runs the calls. Settles when none of them runs any more. */
  outcomes(): Promise<Outcome<Answer>[]> {
    return runSchedule<Answer>({
      calls: this.#scheduledCalls(),
      execute: (position) => this.#execute(position),
      judgeValue: (position, answer) => this.#judgeAnswer(position, answer),
      judgeError: (position, error) => this.#judgeError(position, error),
      judgeUnstarted: (position, error) =>
        this.#judgeUnstarted(position, error),
      share: (position, outcome) => this.#share(position, outcome),
      clock: this.#host.clock,
      signal: this.#signal.signal,
      observer: this.#recorder,
    });
  }

  /** Lets go of the run's signal, then reports, since readers may change it all. */
  close(): void {
    this.#signal.close();
    if (this.#recorder === undefined) return;
    const argsAt = this.#host.reportsArguments
      ? (position: number) => this.#toolCall(position).args
      : undefined;
    const report = this.#recorder.report(argsAt);
    const { onReport } = this.#host;
    if (onReport !== undefined) notify(onReport, report);
  }

  #scheduledCalls(): ScheduledCall<Answer>[] {
    return this.#plan.calls.map((call, position) => {
      const { sameAs } = call;
      return {
        dependsOn: call.dependsOn.map(({ index }) => this.#positionOf(index)),
        sameAs: sameAs === undefined ? undefined : this.#positionOf(sameAs),
        ...UNBOUND,
        ...this.#bind(call, position),
      };
    });
  }

  /** What the call needs to start, how it learns that, or how it ends. */
  #bind(call: PlannedCall, position: number): Partial<ScheduledCall<Answer>> {
    if (call.deferred) return { preset: { status: "deferred" } };
    if (this.#isBeyond(position)) return { preset: { status: "error" } };
    try {
      if (call.problem) throw call.problem;
      return this.#binder.needsOutputs(position)
        ? { bindLate: this.#bindLate(position) }
        : this.#binder.bind(position);
    } catch (error) {
      const preset = this.#judgeUnstarted(position, error);
      if (preset.value !== undefined) return { preset };
      this.#unbound ??= { error };
      return { preset: { status: "error" } };
    }
  }

  #bindLate(position: number): LateBinding<Answer> {
    return (outcomeAt) => {
      try {
        return this.#binder.bindLate(position, (index) => {
          return outcomeAt(this.#positionOf(index))?.value;
        });
      } catch (error) {
        return { preset: this.#judgeUnstarted(position, error) };
      }
    };
  }

  #execute(position: number): Promise<Answer> {
    this.#retries?.started(position);
    return this.#recorder === undefined
      ? this.#runTool(position)
      : this.#recorder.start(position, () => this.#runTool(position));
  }

  #runTool(position: number): Promise<Answer> {
    try {
      return this.#host.runTool(
        this.#toolCall(position),
        this.#config,
        this.#batch.state,
      );
    } catch (error) {
      // A subclass's `runTool` need not be async.
      return Promise.reject(error);
    }
  }

  #judgeAnswer(
    position: number,
    answer: Answer,
  ): RunOutcome<Answer> | RunAgain {
    if (isCommand(answer) || answer?.status !== "error") {
      return { status: "ok", value: answer };
    }
    if (this.#signal.signal?.aborted) {
      return { status: "aborted", value: answer };
    }
    const verdict = this.#retries?.failed(position, failureBehind(answer));
    if (verdict?.status === "again") return verdict;
    const value =
      verdict?.retryAfterMs === undefined
        ? answer
        : refusedAnswer(this.#toolCall(position), answer, verdict);
    return { status: "error", value };
  }

  #judgeError(position: number, error: unknown): RunOutcome<Answer> | RunAgain {
    if (isControlFlow(error)) {
      this.#controlFlow.push(error);
      return { status: "interrupted", halt: true };
    }
    if (this.#signal.causedBy(error)) return { status: "aborted" };
    const failure = { error, wasThrown: true };
    const verdict = this.#retries?.failed(position, failure);
    return verdict?.status === "again" ? verdict : this.#fail(position, error);
  }

  /** Of a call whose limits can't be known, or can't be had. */
  #judgeUnstarted(position: number, error: unknown): RunOutcome<Answer> {
    if (!this.#handlesErrors) return this.#fail(position, error);
    const isOfCall =
      PolicyFunctionError.isInstance(error) ||
      UnresolvedReferenceError.isInstance(error);
    const answer = isOfCall ? errorAnswer : limitsFailedAnswer;
    return { status: "error", value: answer(this.#toolCall(position), error) };
  }

  /** The error is to be thrown, and the other calls are to stop. */
  #fail(position: number, error: unknown): RunOutcome<Answer> {
    const { ordinal, name } = this.#plan.calls[position] as PlannedCall;
    this.#signal.fail(ordinal, name, error);
    return { status: "error", error };
  }

  #retryingCall(position: number): RetryingCall {
    return {
      name: this.#toolCall(position).name,
      policy: this.#policies[position] as ResolvedPolicy,
      gates: this.#binder.gatesOf(position),
    };
  }

  #share(
    position: number,
    { status, value }: Outcome<Answer>,
  ): Outcome<Answer> | undefined {
    if (value === undefined) return { status };
    const shared = shareAnswer(value, this.#toolCall(position));
    return shared && { status, value: shared };
  }

  /** The answers in order; throws what the batch has to throw. */
  answers(outcomes: readonly Outcome<Answer>[]): Answer[] {
    const failed =
      this.#unbound ?? outcomes.find((outcome) => "error" in outcome);
    if (failed !== undefined) throw failed.error;
    if (this.#controlFlow.length > 0) throw mergeControlFlow(this.#controlFlow);
    return outcomes.map((outcome, position) => {
      return "value" in outcome
        ? outcome.value
        : this.#answerWithoutRun(position, outcome);
    });
  }

  #answerWithoutRun(position: number, outcome: Outcome<Answer>): Answer {
    const call = this.#toolCall(position);
    const planned = this.#plan.calls[position] as PlannedCall;
    switch (outcome.status) {
      case "skipped":
        return skippedAnswer(call, this.#planned(outcome.failed));
      case "deferred":
        return deferredAnswer(
          call,
          this.#planned(
            this.#positionOf(planned.dependsOn[0]?.index as number),
          ),
        );
      case "error":
        return tooManyCallsAnswer(call, planned.ordinal, this.#host.maxCalls);
      default:
        throw this.#signal.signal?.reason;
    }
  }

  #planned(position: number | undefined): PlannedCall {
    return this.#plan.calls[position as number] as PlannedCall;
  }

  #positionOf(index: number): number {
    return this.#positions.get(index) as number;
  }

  /** Counted over the whole message, so it holds for calls sent one by one. */
  #isBeyond(position: number): boolean {
    return (this.#batch.indexes[position] as number) >= this.#host.maxCalls;
  }

  #toolCall(position: number): ToolCall {
    return this.#binder.toolCall(position);
  }
}

/** Nothing to wait for. */
const UNBOUND: BoundCall = Object.freeze({ limits: [], cost: 1 });
