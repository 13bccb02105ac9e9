import { AsyncResource } from "node:async_hooks";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchHost } from "../batch/batch-host.js";
import { BatchReferences } from "../batch/batch-references.js";
import { CallAttempts } from "../batch/call-attempts.js";
import { CallBinder } from "../batch/call-binder.js";
import type { EarlyBatch, EarlyCall } from "../batch/early-batches.js";
import { executionModeOf } from "../batch/execution-mode.js";
import { parameterSchemaOf } from "../batch/parameter-schema.js";
import { batchOf } from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import { comesFromInside } from "../langgraph/nested-errors.js";
import type { PlannedCall } from "../plan/batch-plan.js";
import { planCalls } from "../plan/plan-calls.js";
import type { DiscardedRun } from "../report/early-start.js";
import type { Outcome } from "../schedule/outcome.js";
import { type BatchScope, batchScope } from "../scope/batch-scope.js";
import type { SealListener } from "./call-seals.js";
import { EagerCall } from "./eager-call.js";
import { isPlainTool } from "./plain-tools.js";

/** Each call is planned with all before it, so later ones start with the message. */
const MOST_CALLS = 100;

interface EagerMessageOptions {
  readonly host: BatchHost;
  /** The config in which the model is asked. */
  readonly config: LangGraphRunnableConfig;
  /** Those who hear the callbacks of the run. */
  readonly heard: readonly object[];
  /** Whether calls of a tool may start early, whatever its policy says. */
  readonly mayStart: (toolName: string) => boolean;
  /** Calls of a tool can't start early. */
  readonly onUnfit: (toolName: string) => void;
  /** Early runs for messages that were never there: the model was asked again. */
  readonly discarded: readonly DiscardedRun[];
}

/**
 * The calls of a message that is being written. Each is planned, when it is complete,
 * with the calls before it: a later one changes nothing of what has started.
 */
export class EagerMessage implements SealListener, EarlyBatch {
  readonly scope: BatchScope;
  beganAt = 0;
  writtenAt = 0;
  readonly #options: EagerMessageOptions;
  readonly #context = new AsyncResource("parallel-tools-node");
  readonly #written: ToolCall[] = [];
  /** By index. */
  readonly #calls: (EagerCall | undefined)[] = [];
  #isComplete = false;
  #isClosed = false;

  /** @throws ConfigurationError for `maxConcurrency` in the config */
  constructor(options: EagerMessageOptions) {
    this.#options = options;
    const { host, config } = options;
    this.scope = batchScope(host, config.maxConcurrency);
    config.signal?.addEventListener("abort", this.#onAbort);
  }

  /** Whether some call has begun, or waits to. */
  get isOfUse(): boolean {
    return this.#calls.some(Boolean) || this.#options.discarded.length > 0;
  }

  onSeal(call: ToolCall): void {
    if (this.#isComplete || this.#written.length >= MOST_CALLS) return;
    const index = this.#written.length;
    if (index === 0) this.beganAt = this.#options.host.clock.now();
    this.#written.push(call);
    // In the context in which the model was asked, and not in that of its handlers.
    this.#context.runInAsyncScope(() => this.#begin(index, call));
  }

  onConfusion(): void {
    this.#isComplete = true;
  }

  /** The message is there. */
  complete(): void {
    this.#isComplete = true;
    this.writtenAt = this.#options.host.clock.now();
  }

  claim(index: number, call: ToolCall): EarlyCall | undefined {
    const early = this.#calls[index];
    return early?.claim(call) === true ? early : undefined;
  }

  /** @param why is told of each early run that nobody has taken */
  close(why = "its call never came"): readonly DiscardedRun[] {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#isComplete = true;
      this.#options.config.signal?.removeEventListener("abort", this.#onAbort);
      for (const call of this.#calls) call?.discard(why);
    }
    return [
      ...this.#options.discarded,
      ...this.#calls.flatMap((call) => call?.discarded ?? []),
    ];
  }

  readonly #onAbort = () => {
    this.close("the run was aborted");
  };

  #begin(index: number, call: ToolCall): void {
    const { host, mayStart } = this.#options;
    if (index >= host.maxCalls || !mayStart(call.name)) return;
    const { rules } = this.scope;
    if (rules.depth > rules.maxDepth) return;
    const policy = host.policies.of(call.name);
    if (!policy.startsEarly || policy.after.length > 0) return;
    if (!policy.callers.includes("model")) return;
    const tool = host.tools().find(({ name }) => name === call.name);
    if (!isPlainTool(tool)) return;
    const planned = this.#plan(index);
    const before = planned && this.#awaitedBy(planned.call);
    if (planned === undefined || before === undefined) return;
    const { config, heard, onUnfit } = this.#options;
    const attempts = this.#attemptsOf(index, planned.binder);
    const early = new EagerCall(index, {
      call,
      tool,
      host,
      rules,
      config,
      heard,
      sealedAt: host.clock.now(),
      onUnfit: () => onUnfit(call.name),
      onStart: () => attempts.started(index),
      onFailure: (error) => attempts.heedFailure(index, error),
    });
    this.#calls[index] = early;
    void early.answered.then((outcome) => {
      if (outcome && outcome.status !== "ok") this.#stopAfterFailure();
    });
    if (before.length === 0) this.#bind(early, planned.binder, new Map());
    else void this.#beginAfter(early, planned.binder, before);
  }

  /**
   * What a failure means for others is decided when its call comes: it may close the
   * resource that they share. Until then nothing more starts.
   */
  #stopAfterFailure(): void {
    this.#isComplete = true;
    for (const call of this.#calls) call?.discardUnlessBegun();
  }

  /** A server that wants no more calls for now gets none from now on. */
  #attemptsOf(index: number, binder: CallBinder): CallAttempts {
    const { host, config } = this.#options;
    const { name } = this.#written[index] as ToolCall;
    return new CallAttempts({
      retries: host.retries,
      size: index + 1,
      callAt: () => ({
        name,
        policy: host.policies.of(name),
        gates: binder.gatesOf(index),
        comesFromInside: (thrown) => comesFromInside(thrown, [config]),
      }),
      circuitsOf: () => [],
    });
  }

  /** A call among all that come before it. `undefined`: it must not start early. */
  #plan(
    index: number,
  ): { readonly call: PlannedCall; readonly binder: CallBinder } | undefined {
    const { host, config } = this.#options;
    const batch = batchOf(this.#written);
    // A function looks at the whole batch, which isn't there.
    if (typeof host.sequential === "function") return undefined;
    const mode = executionModeOf(host.sequential, batch, config);
    const policies = this.#written.map(({ name }) => host.policies.of(name));
    const references =
      host.references &&
      new BatchReferences({
        batch,
        policies,
        rules: host.references,
        notesOrder: false,
        schemaOf: (name) => parameterSchemaOf(host.tools(), name),
      });
    const calls = this.#written.map(({ id, name, args }, at) => ({
      index: at,
      id,
      name,
      args,
    }));
    const { plan, accesses } = planCalls(
      calls,
      policies,
      mode,
      references?.calls,
    );
    const call = plan.calls[index] as PlannedCall;
    if (call.deferred || call.problem || call.sameAs !== undefined) {
      return undefined;
    }
    const { cap, locks } = this.scope.rules;
    const binder = new CallBinder({
      batch,
      policies,
      references,
      limits: host.limits,
      isKept: false,
      batchLimits: cap?.limits ?? [],
      locks,
      accesses,
    });
    return { call, binder };
  }

  /**
   * The early calls to whose outputs a call refers. `undefined`: it has to wait for one
   * that has not started early, or for another reason.
   */
  #awaitedBy({ dependsOn }: PlannedCall): EagerCall[] | undefined {
    const awaited: EagerCall[] = [];
    for (const { index, reason } of dependsOn) {
      const call = this.#calls[index];
      if (reason !== "reference" || call === undefined) return undefined;
      awaited.push(call);
    }
    return awaited;
  }

  async #beginAfter(
    early: EagerCall,
    binder: CallBinder,
    awaited: readonly EagerCall[],
  ): Promise<void> {
    const outcomes = new Map<number, Outcome<Answer>>();
    let last: number | undefined;
    await Promise.all(
      awaited.map(async ({ index, answered }) => {
        const outcome = await answered;
        if (outcome?.status !== "ok") return;
        outcomes.set(index, outcome);
        last = index;
      }),
    );
    if (outcomes.size < awaited.length) early.discard("it can't begin early");
    else {
      this.#context.runInAsyncScope(() =>
        this.#bind(early, binder, outcomes, last),
      );
    }
  }

  #bind(
    early: EagerCall,
    binder: CallBinder,
    outcomes: ReadonlyMap<number, Outcome<Answer>>,
    after?: number,
  ): void {
    const { index } = early;
    try {
      const bound = binder.needsOutputs(index)
        ? binder.bindLate(index, (one) => outcomes.get(one))
        : binder.bind(index);
      early.begin(bound, binder.toolCall(index), after);
    } catch {
      // The call of the message will find the same fault, and says so.
      early.discard("it can't begin early");
    }
  }
}
