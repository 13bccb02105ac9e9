import { AsyncResource } from "node:async_hooks";
import type { ToolCall } from "@langchain/core/messages/tool";
import type {
  GraphInterrupt,
  LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type { BatchHost } from "../batch/batch-host.js";
import { BatchRun } from "../batch/batch-run.js";
import { isInterrupt } from "../batch/control-flow.js";
import type { Batch } from "../batch/read-batch.js";
import { type Answer, outcomeOf } from "../batch/run-tool.js";
import type { WarnOnce } from "../errors/warn-once.js";
import type { CallQuestions } from "../langgraph/call-questions.js";
import type { Configurable } from "../langgraph/task.js";
import type { Outcome } from "../schedule/outcome.js";
import { ArrivalWatch, SiblingStates } from "./arrival-watch.js";
import { type Arrival, CallPositions } from "./call-positions.js";
import { KeptAnswers } from "./kept-answers.js";
import { runBy, type SentCall } from "./sent-call.js";
import { StopWatch } from "./stop-watch.js";

/**
 * How the calls of a message come, when they come one by one:
 *
 * - `"sent"`: the graph has made each call a task of a step.
 * - `"together"`: all calls are in one task. A call that throws ends that task.
 * - `"durable"`: as `"together"`, but each call is made a task below that one.
 * - `"durable node"`: as `"durable"`, but the node gathers the errors of calls.
 */
export type SiblingMode = "sent" | "together" | "durable" | "durable node";

interface ModeProperties {
  /** Each call is a task of its own. */
  readonly areTasks: boolean;
  /** All calls are in, or below, one task. */
  readonly areInOneTask: boolean;
}

export const SIBLING_MODES = {
  sent: { areTasks: true, areInOneTask: false },
  together: { areTasks: false, areInOneTask: true },
  durable: { areTasks: true, areInOneTask: true },
  "durable node": { areTasks: true, areInOneTask: true },
} satisfies Record<SiblingMode, ModeProperties>;

interface SiblingsOptions {
  readonly batch: Batch;
  /** The config of the call that came first. */
  readonly config: LangGraphRunnableConfig;
  readonly host: BatchHost;
  readonly mode: SiblingMode;
  /** For a warning if the graph drops calls that are `"sent"`. */
  readonly warnings?: WarnOnce;
  /** The questions of the calls to a human, if the calls share one task. */
  readonly questions?: CallQuestions | undefined;
}

/** A call that has arrived and isn't answered yet. */
interface PendingCall {
  readonly call: SentCall;
  /** The config of the task in which the call comes. */
  readonly config: LangGraphRunnableConfig;
  /** Replaces the call's `run`; it keeps the async context of the call's task. */
  run: SentCall["run"] | undefined;
  hasStarted: boolean;
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs the calls of one message that come one by one as one batch. Each call is
 * answered when it has ended. An error may be held back until no call runs.
 */
export class Siblings {
  readonly #options: SiblingsOptions;
  readonly #run: BatchRun;
  readonly #states: SiblingStates;
  readonly #arrivalWatch: ArrivalWatch;
  #stopWatch: StopWatch | undefined;
  readonly #kept: KeptAnswers | undefined;
  readonly #areTasks: boolean;
  /** Errors of calls are held back until no call runs. */
  readonly #holdsErrors: boolean;
  /** By position. */
  readonly #pending: (PendingCall | undefined)[] = [];
  readonly #outcomes = new Map<number, Outcome<Answer>>();
  #callPositions: CallPositions | undefined;
  readonly #thrown = new Set<unknown>();
  #isOver = false;
  /** The error of a call is held back now. */
  #hasHeldError = false;
  /** Resolves when all calls have ended. */
  readonly over: Promise<void>;

  /** @throws ConfigurationError for wrong settings in `config` */
  constructor(options: SiblingsOptions) {
    const { batch, config, host, mode, warnings } = options;
    const { areTasks, areInOneTask } = SIBLING_MODES[mode];
    this.#options = options;
    this.#areTasks = areTasks;
    this.#holdsErrors = holdsErrors(mode, host);
    // The graph itself applies `config.maxConcurrency` to the tasks of a step.
    const isCappedByGraph = !areInOneTask;
    this.#states = new SiblingStates(batch.toolCalls.length);
    this.#run = new BatchRun({
      batch,
      config,
      host,
      areTasks,
      areInOneTask,
      maxConcurrency: isCappedByGraph ? undefined : config.maxConcurrency,
      comeOneByOne: true,
      configOf: (position) => this.#pending[position]?.config,
      execute: (position, call, signal) => {
        const pending = this.#pending[position] as PendingCall;
        pending.hasStarted = true;
        const { questions } = this.#options;
        const run = () =>
          questions?.attempt(position, (configurable) =>
            runPending(pending, call, signal, configurable),
          ) ?? runPending(pending, call, signal);
        return (
          this.#kept?.before(position, pending.config.signal)?.then(run) ??
          run()
        );
      },
      answerToError: (position, error) =>
        this.#pending[position]?.call.answerToError?.(error),
      stopSignal: (position) => this.#pending[position]?.call.stopSignal?.(),
      observer: {
        onReady: (position) => this.#states.onReady(position),
        onStart: () => {},
        onAgain: (position) => this.#keepContext(this.#pending[position]),
        onEnd: (position, _, outcome) =>
          this.#onEnd(position, outcome as Outcome<Answer>),
      },
    });
    if (areTasks && host.isDurable) {
      this.#kept = new KeptAnswers(host, (position) =>
        this.#run.dependenciesOf(position),
      );
    }
    const maxTasks = isCappedByGraph ? config.maxConcurrency : undefined;
    this.#arrivalWatch = new ArrivalWatch({
      states: this.#states,
      batch,
      config,
      host,
      maxTasks: maxTasks || Number.POSITIVE_INFINITY,
      warnings,
      hasHeldError: () => this.#hasHeldError,
      settle: (position, outcome) => this.#run.settle(position, outcome),
    });
    this.over = this.#run.outcomes().then((outcomes) => this.#finish(outcomes));
  }

  /** Resolves when a human's answers are known; `undefined`: there are none. */
  get opened(): Promise<unknown> | undefined {
    return this.#options.questions?.opened;
  }

  /**
   * Runs a call in its turn, and returns its answer. `undefined`: the call isn't
   * in this batch, or it has come before.
   */
  answer(
    call: SentCall,
    config: LangGraphRunnableConfig,
  ): Promise<Answer> | undefined {
    const position = this.#positionOf(call.toolCall);
    return position === undefined
      ? undefined
      : this.answerAt(position, call, config);
  }

  /** As `answer`, for a call whose position is known. */
  answerAt(
    position: number,
    call: SentCall,
    config: LangGraphRunnableConfig,
  ): Promise<Answer> {
    let pending: PendingCall | undefined;
    const answer = new Promise<Answer>((resolve, reject) => {
      pending = {
        call,
        config,
        run: undefined,
        hasStarted: false,
        resolve,
        reject,
      };
      this.#pending[position] = pending;
    });
    this.#states.onArrive(position);
    const outcome = this.#outcomes.get(position);
    if (outcome === undefined) this.#run.arrive(position, call.toolCall);
    else this.#settle(position, outcome);
    if (pending?.hasStarted === false) this.#keepContext(pending);
    this.#arrivalWatch.check();
    return answer;
  }

  /** Settles a call that ended before the run was paused and won't come again. */
  endedBefore(toolCall: ToolCall, answer: Answer): void {
    const position = this.#positionOf(toolCall);
    if (position !== undefined) this.endedBeforeAt(position, answer);
  }

  /** As `endedBefore`, for a call whose position is known. */
  endedBeforeAt(position: number, answer: Answer): void {
    if (this.#states.hasArrived(position)) return;
    this.#run.settle(position, outcomeOf(answer));
  }

  /**
   * A call that comes again and is run alone. It still gets the answers to its own
   * questions, unless the batch has an equal call, which may have asked them.
   */
  repeated(call: SentCall): SentCall {
    const { questions } = this.#options;
    const equal = this.#positions.equalTo(call.toolCall);
    const [position] = equal;
    if (!questions || position === undefined || equal.length > 1) return call;
    return runBy(call, (toolCall, signal) =>
      questions.attempt(position, (configurable) =>
        call.run(toolCall, signal, configurable),
      ),
    );
  }

  /** Notes that a call has come and is to be made a task. */
  noteArrival(toolCall: ToolCall): Arrival {
    return this.#positions.noteArrival(toolCall);
  }

  /** All answers so far, by the ids of their calls. */
  answered(): Batch["answered"] {
    const { toolCalls, answered } = this.#options.batch;
    const all = new Map(answered);
    for (const [position, { value }] of this.#outcomes) {
      const id = toolCalls[position]?.id;
      if (id != null && value !== undefined && "tool_call_id" in value) {
        all.set(id, value);
      }
    }
    return all;
  }

  get #positions(): CallPositions {
    this.#callPositions ??= new CallPositions(this.#options.batch.toolCalls);
    return this.#callPositions;
  }

  /** The position of a call that has not come yet and isn't given up as absent. */
  #positionOf(toolCall: ToolCall): number | undefined {
    return this.#positions.firstOpen(
      toolCall,
      (position) =>
        !this.#states.hasArrived(position) &&
        this.#outcomes.get(position)?.isAbsent !== true,
    );
  }

  /**
   * Makes a waiting call run in the async context of its own task, and not in that
   * of the call whose end lets it start.
   */
  #keepContext(pending: PendingCall | undefined): void {
    if (pending === undefined) return;
    const { call } = pending;
    if (call.stopSignal) {
      const stop = (reason: unknown) => this.#run.stop(reason);
      this.#stopWatch ??= new StopWatch(this.#options.host.clock, stop);
      this.#stopWatch.onWait(call);
    }
    // Before a further attempt, the current context may be another call's.
    if (pending.run !== undefined) return;
    const run: SentCall["run"] = (...args) => call.run(...args);
    pending.run = AsyncResource.bind(run, "parallel-tools-node");
  }

  #onEnd(position: number, outcome: Outcome<Answer>): void {
    const pending = this.#pending[position];
    if (this.#kept && pending && "value" in outcome) {
      this.#kept.ended(position, pending.config);
    }
    this.#outcomes.set(position, outcome);
    this.#states.onEnd(position);
    this.#settle(position, outcome);
    this.#arrivalWatch.check();
  }

  #settle(position: number, outcome: Outcome<Answer>): void {
    const pending = this.#pending[position];
    if (pending === undefined) return;
    const { isStopped } = this.#run;
    // LangGraph merges different errors of several tasks into one error.
    const holdsError =
      this.#holdsErrors && !this.#isOver && (this.#areTasks || !isStopped);
    if (holdsError && willThrow(outcome)) {
      this.#hasHeldError = true;
      return;
    }
    this.#pending[position] = undefined;
    try {
      const answer = this.#run.answerTo(position, outcome);
      pending.resolve(pending.call.finish?.(answer) ?? answer);
    } catch (error) {
      const isOwnError = "error" in outcome || !isStopped;
      const stopped = isOwnError ? undefined : pending.call.stop?.(error);
      if (stopped === undefined) {
        this.#thrown.add(error);
        pending.reject(error);
      } else {
        pending.resolve(stopped);
      }
    }
  }

  /** Whether an error is an interrupt that a call of this batch was ended with. */
  hasThrown(error: unknown): boolean {
    return isInterrupt(error) && this.#thrown.has(error);
  }

  /** The questions of all calls as one interrupt, in the order of the calls. */
  questions(): GraphInterrupt {
    return this.#run.questions();
  }

  /** Settles the calls whose errors were held back. */
  async #finish(outcomes: readonly Outcome<Answer>[]): Promise<void> {
    this.#isOver = true;
    this.#arrivalWatch.end();
    this.#stopWatch?.end();
    try {
      if (this.#run.isInterrupted) await this.#options.questions?.keep();
      if (this.#areTasks) this.#settleAll();
      else if (this.#pending.some(Boolean)) this.#run.answers(outcomes);
    } catch (error) {
      for (const pending of this.#pending) pending?.reject(error);
    } finally {
      this.#pending.length = 0;
      this.#run.close();
    }
  }

  #settleAll(): void {
    for (const [position, outcome] of this.#outcomes) {
      this.#settle(position, outcome);
    }
  }
}

/** Whether the error of a call must wait until no call of the batch runs. */
function holdsErrors(mode: SiblingMode, host: BatchHost): boolean {
  switch (mode) {
    case "sent":
      return false;
    case "together":
    case "durable":
      return true;
    case "durable node":
      // LangGraph ends all tasks of the step at the first error that one throws.
      return !host.handlesErrors();
  }
}

/** Whether a call with this outcome throws. */
function willThrow(outcome: Outcome<Answer>): boolean {
  if ("value" in outcome) return false;
  if ("error" in outcome) return true;
  switch (outcome.status) {
    case "interrupted":
    case "aborted":
      return true;
    case "ok":
    case "error":
    case "skipped":
    case "deferred":
    case "refused":
      return false;
  }
}

function runPending(
  { call, run }: PendingCall,
  toolCall: ToolCall,
  signal: AbortSignal | undefined,
  configurable?: Configurable,
): Promise<Answer> {
  return run
    ? run(toolCall, signal, configurable)
    : call.run(toolCall, signal, configurable);
}
