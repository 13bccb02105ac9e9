import type { ToolCall } from "@langchain/core/messages/tool";
import type {
  GraphInterrupt,
  LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { comesFromInside } from "../langgraph/nested-errors.js";
import { insideSignal } from "../langgraph/nested-signal.js";
import { taskIdOf } from "../langgraph/task.js";
import type { BatchPlan, PlannedCall } from "../plan/batch-plan.js";
import { nodesOf, planCalls } from "../plan/plan-calls.js";
import type { Caller } from "../policy/callers.js";
import { NO_POLICY } from "../policy/policy-book.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import { type BatchScope, batchScope } from "../scope/batch-scope.js";
import type { Outcome } from "../schedule/outcome.js";
import { Schedule } from "../schedule/schedule.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";
import type {
  BoundCall,
  LateBinding,
  ScheduledCall,
} from "../schedule/scheduled-call.js";
import { BatchAnswers } from "./batch-answers.js";
import type { BatchHost } from "./batch-host.js";
import { BatchReferences } from "./batch-references.js";
import { BatchSignal } from "./batch-signal.js";
import { callEndOf, type RunWatch, watchBatch } from "./batch-watch.js";
import { CallAttempts, type FailedCall } from "./call-attempts.js";
import { CallBinder } from "./call-binder.js";
import { CallExecutor, type CallSource } from "./call-executor.js";
import type { EarlyBatch } from "./early-batches.js";
import { EarlyClaims } from "./early-claims.js";
import { executionModeOf } from "./execution-mode.js";
import { type CallKeeper, keptOutcomes } from "./kept-calls.js";
import { parameterSchemaOf } from "./parameter-schema.js";
import type { Batch } from "./read-batch.js";
import type { Answer } from "./run-tool.js";

export interface BatchRunOptions extends CallSource {
  readonly batch: Batch;
  readonly config: LangGraphRunnableConfig;
  readonly host: BatchHost;
  /**
   * A call that throws doesn't end the others: their answers are kept, so they
   * don't run again with it.
   */
  readonly othersRunOn?: boolean;
  /** All calls are in one task of the graph. A call that throws ends that task. */
  readonly areInOneTask?: boolean;
  /** `undefined` without the option `durable`. */
  readonly kept?: CallKeeper | undefined;
  /**
   * Calls of the batch that may run at once, with those inside of them. Default:
   * what the limits and the runs around allow.
   */
  readonly maxConcurrency?: unknown;
  /** The config of the call's own task, if it has one. */
  readonly configOf?: (position: number) => LangGraphRunnableConfig | undefined;
  /** The calls that began while the message was being written. */
  readonly early?: EarlyBatch | undefined;
  /** Who makes the calls. Default: the model. */
  readonly caller?: Caller;
  /** Tells of the batch in place of what the host has for it, if it is watched. */
  readonly watch?: RunWatch;
  /** No call runs before `arrive` was called for it. */
  readonly comeOneByOne?: boolean;
  readonly observer?: ScheduleObserver;
}

/** Plans a batch, runs it and gives its answers. Positions count its calls. */
export class BatchRun {
  readonly #batch: Batch;
  readonly #host: BatchHost;
  readonly #plan: BatchPlan;
  readonly #policies: ResolvedPolicy[];
  readonly #references: BatchReferences | undefined;
  readonly #signal: BatchSignal;
  readonly #options: BatchRunOptions;
  readonly #scope: BatchScope;
  readonly #schedule: Schedule<Answer>;
  readonly #watch: RunWatch | undefined;
  readonly #binder: CallBinder;
  readonly #claims: EarlyClaims | undefined;
  readonly #executor: CallExecutor;
  readonly #answers: BatchAnswers;
  /** The first error of binding a call, if it is to be thrown: no call runs. */
  #bindError: { readonly error: unknown } | undefined;
  /** Positions by index in the message. Calls that were answered have none. */
  readonly #positions: number[] = [];

  /** @throws ConfigurationError for wrong settings in `config` */
  constructor(options: BatchRunOptions) {
    const { batch, config, host } = options;
    const { othersRunOn = false, areInOneTask = false, early } = options;
    const mode = executionModeOf(host.sequential, batch, config);
    this.#options = options;
    this.#batch = batch;
    this.#host = host;
    this.#scope = early?.scope ?? batchScope(host, options.maxConcurrency);
    this.#policies = batch.toolCalls.map((_, position) =>
      this.#policyOf(position),
    );
    const calls = batch.toolCalls.map(({ name, id, args }, position) => {
      const index = batch.indexes[position] as number;
      this.#positions[index] = position;
      return { index, id, name, args };
    });
    const references =
      host.references &&
      new BatchReferences({
        batch,
        policies: this.#policies,
        rules: host.references,
        notesOrder: host.notesOrder,
        schemaOf: (toolName) => parameterSchemaOf(host.tools(), toolName),
      });
    this.#references = references;
    const policies = this.#policies;
    const links = references?.calls ?? [];
    const { plan, accesses } = planCalls(calls, policies, mode, links);
    this.#plan = plan;
    this.#binder = new CallBinder({
      batch,
      policies,
      references,
      limits: host.limits,
      isKept: options.kept !== undefined,
      batchLimits: this.#scope.rules.cap?.limits ?? [],
      locks: this.#scope.rules.locks,
      accesses,
      keepsApart: options.caller === "code" && host.code.hasSequential,
    });
    if (host.isWatched) {
      this.#watch =
        options.watch ??
        watchBatch(policies, {
          plan: this.#plan,
          host,
          writer: config.writer,
          inside: this.#scope.place,
          observer: options.observer,
          early,
          argsAt: (position) => this.#binder.toolCall(position).args,
          endOf: callEndOf,
        });
    }
    this.#claims =
      early &&
      new EarlyClaims(early, host.clock, (position, start) =>
        this.#watch?.startedEarly(position, start),
      );
    const handlesErrors = host.handlesErrors();
    this.#signal = new BatchSignal({
      parent: config.signal,
      isStepSignal: taskIdOf(config) !== undefined,
      abortsOnError: !handlesErrors && areInOneTask,
      size: calls.length,
      needsOwnSignal: !handlesErrors || host.batchTimeoutMs !== undefined,
    });
    this.#executor = new CallExecutor({
      calls: this.#plan.calls,
      policies: this.#policies,
      binder: this.#binder,
      host,
      source: options,
      signal: this.#signal,
      watch: this.#watch,
      kept: options.kept,
      claims: this.#claims,
      attempts: this.#createAttempts(),
      othersRunOn,
      stop: (reason) => this.stop(reason),
    });
    this.#answers = new BatchAnswers({
      plan: this.#plan,
      host,
      executor: this.#executor,
      signal: this.#signal,
      binder: this.#binder,
      rules: this.#scope.rules,
      asksTogether: othersRunOn && areInOneTask,
      positionOf: (index) => this.#positionOf(index),
    });
    this.#schedule = this.#createSchedule();
  }

  /** Runs the calls; to be called once. Resolves when all calls have ended. */
  outcomes(): Promise<Outcome<Answer>[]> {
    return insideSignal(this.#signal.signal, () => this.#schedule.run());
  }

  /**
   * A call has arrived. Its arguments may differ from those in the message.
   *
   * @param isCertain it is the call at this position, and not one with the same id
   */
  arrive(position: number, toolCall: ToolCall, isCertain: boolean): void {
    if (!isCertain) this.#references?.loseOrder();
    this.#policies[position] = this.#policyOf(position);
    this.#binder.replace(position, toolCall);
    this.#schedule.arrive(position);
  }

  /** Ends a call that has ended elsewhere or that is given up. */
  settle(position: number, outcome: Outcome<Answer>): void {
    // The answer of a run before this one doesn't say that the call was refused.
    const isRefused = this.#isRefused(position) && outcome.value !== undefined;
    this.#schedule.settle(
      position,
      isRefused ? { ...outcome, status: "refused" } : outcome,
    );
  }

  /**
   * Ends the calls that wait, when the run has to end though its signal isn't
   * aborted. Calls that run go on.
   */
  stop(reason: unknown): void {
    if (this.#signal.signal?.aborted || this.#signal.isStopped) return;
    this.#signal.stop(reason);
    this.#schedule.abort();
  }

  get isStopped(): boolean {
    return this.#signal.isStopped;
  }

  /** See {@link Schedule.handOut}. */
  get handOut(): Promise<void> | undefined {
    return this.#schedule.handOut;
  }

  #createSchedule(): Schedule<Answer> {
    const { observer, comeOneByOne, config } = this.#options;
    const { clock, drainMs, batchTimeoutMs } = this.#host;
    const { calls } = this.#plan;
    const nodes = nodesOf(calls, (index) => this.#positionOf(index));
    return new Schedule<Answer>({
      calls: this.#scheduledCalls(nodes.dependsOn),
      groups: nodes.groups,
      executor: this.#executor,
      clock,
      comeOneByOne,
      signal: this.#signal.signal,
      drainMs,
      maxPauseMs: this.#host.retries.maxPauseMs,
      batchTimeoutMs,
      observer: this.#watch ? this.#watch.observer : observer,
      surroundings: this.#scope.surroundings(this.#watch, config.writer),
    });
  }

  /** `undefined` if no tool has a policy: the batch then runs as on the stock node. */
  #createAttempts(): CallAttempts | undefined {
    if (!this.#policies.some(({ isGiven }) => isGiven)) return undefined;
    return new CallAttempts({
      retries: this.#host.retries,
      size: this.#policies.length,
      callAt: (position) => this.#failedCall(position),
      circuitsOf: (position) => this.#binder.circuitsOf(position),
      earlyAt: (position) => this.#claims?.at(position)?.start,
    });
  }

  /** Reports last, since a listener may change everything it is given. */
  close(): void {
    this.#signal.close();
    this.#watch?.end(this.#claims?.close());
  }

  #scheduledCalls(
    dependsOn: readonly (readonly number[])[],
  ): ScheduledCall<Answer>[] {
    const { kept } = this.#options;
    const outcomes =
      kept &&
      keptOutcomes({
        kept,
        plan: this.#plan,
        references: this.#references,
        positionOf: (index) => this.#positions[index],
      });
    return this.#plan.calls.map((call, position) => {
      const { sameAs } = call;
      const ended = outcomes?.[position];
      const bound = this.#bind(call, position);
      const { limits, cost, bindLate, preset } = { ...NO_LIMITS, ...bound };
      return {
        dependsOn: dependsOn[position] as readonly number[],
        sameAs: sameAs === undefined ? undefined : this.#positionOf(sameAs),
        timeoutMs: bound.timeoutMs ?? this.#policies[position]?.timeoutMs,
        limits,
        cost,
        again: bound.again,
        bindLate,
        preset,
        ended,
      };
    });
  }

  /** The limits of the call, or how to bind it later, or its outcome. */
  #bind(call: PlannedCall, position: number): Partial<ScheduledCall<Answer>> {
    if (call.deferred) return { preset: { status: "deferred" } };
    if (this.#isRefused(position)) return { preset: { status: "refused" } };
    try {
      if (call.problem) throw call.problem;
      return this.#options.comeOneByOne || this.#binder.needsOutputs(position)
        ? { bindLate: this.#bindLate }
        : this.#bindNow(position);
    } catch (error) {
      const preset = this.#executor.judgeUnstarted(position, error);
      if (preset.value !== undefined || this.#options.othersRunOn) {
        return { preset };
      }
      this.#bindError ??= { error };
      return { preset: { status: "error" } };
    }
  }

  readonly #bindLate: LateBinding<Answer> = (position, outcomeAt) => {
    try {
      return this.#bindNow(position, (index) =>
        outcomeAt(this.#positionOf(index)),
      );
    } catch (error) {
      return { preset: this.#executor.judgeUnstarted(position, error) };
    }
  };

  /** What a call takes whose references, if it has any, have values. */
  #bindNow(
    position: number,
    outcomeAt: (index: number) => Outcome<Answer> | undefined = () => undefined,
  ): BoundCall {
    const written = this.#binder.toolCall(position);
    const bound = this.#binder.needsOutputs(position)
      ? this.#binder.bindLate(position, outcomeAt)
      : this.#binder.bind(position);
    const index = this.#batch.indexes[position] as number;
    return this.#claims?.claim(position, index, written, bound) ?? bound;
  }

  #failedCall(position: number): FailedCall {
    const own = this.#options.configOf?.(position);
    const tasks = own ? [this.#options.config, own] : [this.#options.config];
    return {
      name: this.#binder.toolCall(position).name,
      policy: this.#policies[position] as ResolvedPolicy,
      gates: this.#binder.gatesOf(position),
      comesFromInside: (error) => comesFromInside(error, tasks),
    };
  }

  /** Whether a call has thrown one of LangGraph's signals. */
  get isInterrupted(): boolean {
    return this.#executor.thrown.size > 0;
  }

  /** The questions of all calls as one interrupt, in the order of the calls. */
  questions(): GraphInterrupt {
    return this.#answers.questions();
  }

  /** All answers in order; throws if the batch has to throw. */
  answers(outcomes: readonly Outcome<Answer>[]): Answer[] {
    return this.#answers.all(outcomes, this.#bindError);
  }

  /** The answer to one call; throws if that call has to throw. */
  answerTo(position: number, outcome: Outcome<Answer>): Answer {
    return this.#answers.of(position, outcome);
  }

  #positionOf(index: number): number {
    return this.#positions[index] as number;
  }

  /** Whether a call is beyond `maxDepth` or `maxCalls`: the message's calls count. */
  #isBeyond(position: number): boolean {
    const { depth, maxDepth } = this.#scope.rules;
    const index = this.#batch.indexes[position] as number;
    return depth > maxDepth || index >= this.#host.maxCalls;
  }

  /** Whether a call is beyond those limits, or its tool is for other callers. */
  #isRefused(position: number): boolean {
    const { callers } = this.#policies[position] as ResolvedPolicy;
    const { caller = "model" } = this.#options;
    return this.#isBeyond(position) || !callers.includes(caller);
  }

  #policyOf(position: number): ResolvedPolicy {
    const { name } = this.#batch.toolCalls[position] as ToolCall;
    return this.#isBeyond(position) ? NO_POLICY : this.#host.policies.of(name);
  }
}

const NO_LIMITS: BoundCall = Object.freeze({ limits: [], cost: 1 });
