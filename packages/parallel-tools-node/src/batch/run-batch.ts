import type { ToolCall } from "@langchain/core/messages/tool";
import { isCommand, type LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Clock } from "../limits/clock.js";
import type { CallLimits, LimitBook } from "../limits/limit-book.js";
import type { BatchPlan, PlannedCall } from "../plan/batch-plan.js";
import { type BatchMode, planCalls } from "../plan/plan-calls.js";
import { NO_POLICY, type PolicyBook } from "../policy/policy-book.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import { BatchRecorder } from "../report/batch-recorder.js";
import { notify, type ReportListener } from "../report/notify.js";
import type { Outcome, RunOutcome } from "../schedule/outcome.js";
import { runSchedule, type ScheduledCall } from "../schedule/run-schedule.js";
import {
  deferredAnswer,
  skippedAnswer,
  tooManyCallsAnswer,
} from "./answers-without-run.js";
import { batchLimits } from "./batch-limits.js";
import { BatchSignal } from "./batch-signal.js";
import { isControlFlow, mergeControlFlow } from "./control-flow.js";
import type { Batch } from "./read-batch.js";
import { type Answer, errorAnswer } from "./run-tool.js";
import { shareAnswer } from "./share-answer.js";

/** What a node lends to each of its batches. */
export interface BatchHost {
  readonly policies: PolicyBook;
  readonly limits: LimitBook;
  readonly clock: Clock;
  readonly maxCalls: number;
  readonly handleToolErrors: boolean;
  readonly onReport: ReportListener | undefined;
  runTool(
    call: ToolCall,
    config: LangGraphRunnableConfig,
    state: unknown,
  ): Promise<Answer>;
}

/**
 * Plans and runs a batch: one answer per call, in the order of the message.
 * When it returns or throws, none of its calls runs any more.
 *
 * @throws the error of the lowest index; else what {@link mergeControlFlow}
 *   makes of LangGraph's signals; else the reason of the abort that kept calls
 *   from running
 */
export async function runBatch(
  batch: Batch,
  mode: BatchMode,
  config: LangGraphRunnableConfig,
  host: BatchHost,
): Promise<Answer[]> {
  return new BatchRun(batch, mode, config, host).run();
}

class BatchRun {
  readonly #batch: Batch;
  readonly #host: BatchHost;
  readonly #plan: BatchPlan;
  readonly #policies: readonly ResolvedPolicy[];
  readonly #signal: BatchSignal;
  readonly #config: LangGraphRunnableConfig;
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
      position < host.maxCalls ? host.policies.of(name) : NO_POLICY,
    );
    const calls = batch.toolCalls.map(({ name, id, args }, position) => {
      const index = batch.indexes[position] as number;
      this.#positions.set(index, position);
      return { index, id, name, args };
    });
    this.#plan = planCalls(calls, this.#policies, mode);
    this.#signal = new BatchSignal(config.signal, !host.handleToolErrors);
    const { signal } = this.#signal;
    this.#config =
      signal === config.signal || signal === undefined
        ? config
        : { ...config, signal };
  }

  async run(): Promise<Answer[]> {
    const { clock, onReport } = this.#host;
    const recorder = onReport && new BatchRecorder(this.#plan, clock.now());
    let outcomes: Outcome<Answer>[];
    try {
      outcomes = await runSchedule<Answer>({
        calls: this.#scheduledCalls(),
        execute: (position) => this.#execute(position),
        share: (position, outcome) => this.#share(position, outcome),
        clock,
        signal: this.#signal.signal,
        observer: recorder,
      });
    } finally {
      this.#signal.close();
    }
    try {
      return this.#answers(outcomes);
    } finally {
      // Last, since the report's reader may change what it is given.
      if (recorder && onReport) notify(onReport, recorder.report());
    }
  }

  #scheduledCalls(): ScheduledCall<Answer>[] {
    const { calls } = this.#plan;
    const withBatchLimits = batchLimits(
      this.#config.maxConcurrency,
      calls.length,
      this.#host.clock,
    );
    return calls.map((call, position) => {
      const { sameAs } = call;
      const dependsOn = call.dependsOn.map(({ index }) =>
        this.#positionOf(index),
      );
      const bound = this.#bind(call, position);
      return {
        dependsOn,
        sameAs: sameAs === undefined ? undefined : this.#positionOf(sameAs),
        ...("preset" in bound
          ? { preset: bound.preset, limits: [], cost: 1 }
          : { limits: withBatchLimits(bound.limits), cost: bound.cost }),
      };
    });
  }

  /** The limits of a call, or how it ends without them. */
  #bind(
    call: PlannedCall,
    position: number,
  ): CallLimits | { preset: Outcome<Answer> } {
    const { name, args } = this.#toolCall(position);
    if (call.deferred) return { preset: { status: "deferred" } };
    if (position >= this.#host.maxCalls) return { preset: { status: "error" } };
    try {
      if (call.problem) throw call.problem;
      return this.#host.limits.of(
        name,
        this.#policies[position] as ResolvedPolicy,
        args,
      );
    } catch (error) {
      if (this.#host.handleToolErrors) {
        const value = errorAnswer(this.#toolCall(position), error);
        return { preset: { status: "error", value } };
      }
      this.#signal.fail(call.ordinal, name, error);
      this.#unbound ??= { error };
      return { preset: { status: "error" } };
    }
  }

  async #execute(position: number): Promise<RunOutcome<Answer>> {
    try {
      const answer = await this.#host.runTool(
        this.#toolCall(position),
        this.#config,
        this.#batch.state,
      );
      if (isCommand(answer) || answer?.status !== "error") {
        return { status: "ok", value: answer };
      }
      const status = this.#signal.signal?.aborted ? "aborted" : "error";
      return { status, value: answer };
    } catch (error) {
      if (isControlFlow(error)) {
        this.#controlFlow.push(error);
        return { status: "interrupted", halt: true };
      }
      if (this.#signal.causedBy(error)) return { status: "aborted" };
      const { ordinal, name } = this.#plan.calls[position] as PlannedCall;
      this.#signal.fail(ordinal, name, error);
      return { status: "error", error };
    }
  }

  #share(
    position: number,
    { status, value }: Outcome<Answer>,
  ): Outcome<Answer> | undefined {
    if (value === undefined) return { status };
    const shared = shareAnswer(value, this.#toolCall(position));
    return shared && { status, value: shared };
  }

  #answers(outcomes: readonly Outcome<Answer>[]): Answer[] {
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

  #toolCall(position: number): ToolCall {
    return this.#batch.toolCalls[position] as ToolCall;
  }
}
