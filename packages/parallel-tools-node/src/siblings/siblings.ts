import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchHost } from "../batch/batch-host.js";
import { BatchRun } from "../batch/batch-run.js";
import { isInterrupt } from "../batch/control-flow.js";
import type { CallFacts, CallKeeper, KeptCalls } from "../batch/kept-calls.js";
import type { Batch } from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import type { WarnOnce } from "../errors/warn-once.js";
import type { CallQuestions } from "../langgraph/call-questions.js";
import { sendNumberOf } from "../langgraph/send-tasks.js";
import { questionsAsked, taskIdOf } from "../langgraph/task.js";
import type { Outcome } from "../schedule/outcome.js";
import { ArrivalWatch, SiblingStates } from "./arrival-watch.js";
import { CallPositions } from "./call-positions.js";
import { type EndedCall, endedCalls } from "./ended-calls.js";
import { SendNumbers } from "./send-numbers.js";
import {
  keepContext,
  type PendingCall,
  runBy,
  type SentCall,
  willThrow,
} from "./sent-call.js";
import { StopWatch } from "./stop-watch.js";

/**
 * How the calls of a message come, when they come one by one:
 *
 * - `"sent"`: the graph has made each call a task of a step.
 * - `"together"`: all calls are in one task. A call that throws ends that task.
 * - `"durable"`: as `"together"`, but the answers are kept. A call that throws
 *   ends its task when no other call runs.
 */
export type SiblingMode = "sent" | "together" | "durable";

interface SiblingsOptions {
  readonly batch: Batch;
  /** Of the call that came first. */
  readonly config: LangGraphRunnableConfig;
  readonly host: BatchHost;
  readonly mode: SiblingMode;
  /** For a warning if the graph drops calls that are `"sent"`. */
  readonly warnings?: WarnOnce;
  /** The questions of the calls to a human, if the calls share one task. */
  readonly questions?: CallQuestions | undefined;
  /** `undefined` without the option `durable`. */
  readonly kept?: KeptCalls | undefined;
}

/** Runs calls of one message that come one by one. Each is answered when it ends. */
export class Siblings {
  readonly #options: SiblingsOptions;
  readonly #run: BatchRun;
  readonly #states: SiblingStates;
  readonly #arrivalWatch: ArrivalWatch;
  #stopWatch: StopWatch | undefined;
  /** By position. */
  readonly #pending: (PendingCall | undefined)[] = [];
  readonly #outcomes = new Map<number, Outcome<Answer>>();
  readonly #configs: (LangGraphRunnableConfig | undefined)[] = [];
  /** How many questions their tasks had asked when they came, by position. */
  readonly #questionsBefore: number[] = [];
  /** By position, the tasks of calls that have ended without coming. */
  readonly #endedTasks: (string | undefined)[] = [];
  /** The tasks of calls that are `"sent"`. Each task is for one call. */
  readonly #tasks = new Set<string>();
  /** How often calls that run alone have come. */
  readonly #repeated = new Map<string, number>();
  #callPositions: CallPositions | undefined;
  #isOver = false;
  /** The error of a call is held back now. */
  #hasHeldError = false;

  /** @throws ConfigurationError for wrong settings in `config` */
  constructor(options: SiblingsOptions) {
    const { batch, config, host, mode, warnings, kept } = options;
    this.#options = options;
    // The graph itself applies `config.maxConcurrency` to the tasks of a step.
    const isCappedByGraph = mode === "sent";
    this.#states = new SiblingStates(batch.toolCalls.length);
    this.#run = new BatchRun({
      batch,
      config,
      host,
      kept,
      othersRunOn: mode !== "together",
      areInOneTask: mode !== "sent",
      maxConcurrency: config.maxConcurrency,
      early: host.early?.take(config, batch.messageId),
      comeOneByOne: true,
      configOf: (position) => this.#pending[position]?.config,
      execute: (position, call, signal) => {
        const pending = this.#pending[position] as PendingCall;
        pending.hasStarted = true;
        return (
          this.#options.questions?.attempt(
            this.#placeOf(position),
            (configurable) => pending.call.run(call, signal, configurable),
          ) ?? pending.call.run(call, signal)
        );
      },
      inOwnContext: (position, run) => {
        const { inOwnContext } = this.#pending[position] as PendingCall;
        return inOwnContext === undefined ? run() : inOwnContext(run);
      },
      factsOf: (position, answer) => this.#factsOf(position, answer),
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
    this.#arrivalWatch = new ArrivalWatch({
      states: this.#states,
      batch,
      host,
      maxTasks: (isCappedByGraph && config.maxConcurrency) || Infinity,
      warnings,
      hasHeldError: () => this.#hasHeldError,
      lookUp: () => this.#lookUp(),
      sends: () => new SendNumbers(batch, this.#configs),
      settle: (position, outcome, task) => {
        this.#endedTasks[position] = task;
        this.#run.settle(position, outcome);
      },
    });
    void this.#run.outcomes().then((outcomes) => this.#finish(outcomes));
    // An agent with version "v1" doesn't run calls that it takes for answered.
    if (mode === "sent") return;
    for (const position of batch.seemAnswered) {
      this.#run.settle(position, { status: "aborted", isAbsent: true });
    }
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
    const position = this.#positionOf(call.toolCall, config);
    if (position === undefined) return undefined;
    let pending: PendingCall | undefined;
    const answer = new Promise<Answer>((resolve, reject) => {
      pending = { call, config, hasStarted: false, resolve, reject };
      this.#pending[position] = pending;
    });
    this.#configs[position] = config;
    this.#questionsBefore[position] = questionsAsked(config);
    this.#states.onArrive(position);
    const outcome = this.#outcomes.get(position);
    if (outcome === undefined) {
      this.#run.arrive(
        position,
        call.toolCall,
        this.#positions.isCertain(call.toolCall, position) ||
          this.#placeOf(position) === sendNumberOf(config),
      );
    } else {
      const record = this.#options.kept?.recordAt(this.#indexOf(position));
      if (record?.isThrown) call.failedBefore?.(record.answer);
      call.skip?.(record?.asked ?? 0);
      this.#settle(position, outcome);
    }
    if (pending?.hasStarted === false) this.#keepContext(pending);
    this.#arrivalWatch.check();
    return answer;
  }

  /**
   * A call that comes again and is run alone. It still gets the answers to its own
   * questions, unless it may be another call: an equal one, which may have asked
   * them, or one with its id that is still to come and that middleware has changed.
   */
  repeated(call: SentCall): SentCall {
    const { questions } = this.#options;
    const equal = this.#positions.equalTo(call.toolCall);
    const [position] = equal;
    const isCertain =
      equal.length === 1 &&
      this.#positions
        .withIdOf(call.toolCall)
        .every((one) => this.#states.hasArrived(one));
    if (!questions || position === undefined || !isCertain) return call;
    return runBy(call, (toolCall, signal) =>
      questions.attempt(this.#placeOf(position), (configurable) =>
        call.run(toolCall, signal, configurable),
      ),
    );
  }

  /**
   * What is kept of a call that comes again. Nothing is kept of one that shares the
   * scratchpad of its task with other calls: if it didn't run again, their questions
   * would get other numbers.
   */
  keptAlone(
    toolCall: ToolCall,
    config: LangGraphRunnableConfig,
  ): CallKeeper | undefined {
    const { kept, questions } = this.#options;
    const hasOwn = this.#positions.equalTo(toolCall).length === 1;
    return questions === undefined || hasOwn
      ? kept?.alone(toolCall, taskIdOf(config), this.#repeated)
      : undefined;
  }

  /**
   * The answer in the state to a call of the message. An edit of the state may make
   * the graph send calls again that have an answer.
   */
  answerInState({ id }: ToolCall): Promise<Answer> | undefined {
    const { batch, kept } = this.#options;
    if (kept === undefined) return undefined;
    for (const [index, answer] of batch.answers) {
      if (batch.message[index]?.id === id) return Promise.resolve(answer);
    }
    return undefined;
  }

  /** The batch as a call sees it that runs alone: with all answers so far. */
  batchAround(): Batch {
    const { batch } = this.#options;
    const answers = new Map(batch.answers);
    for (const [position, { value }] of this.#outcomes) {
      if (value !== undefined && "tool_call_id" in value) {
        answers.set(this.#indexOf(position), value);
      }
    }
    return { ...batch, answers };
  }

  get #positions(): CallPositions {
    const { toolCalls } = this.#options.batch;
    return (this.#callPositions ??= new CallPositions(toolCalls));
  }

  /** The position of a call that has not come yet and isn't given up as absent. */
  #positionOf(
    toolCall: ToolCall,
    config: LangGraphRunnableConfig,
  ): number | undefined {
    const task = taskIdOf(config);
    if (this.#options.mode === "sent" && task !== undefined) {
      if (this.#tasks.has(task)) return undefined;
      this.#tasks.add(task);
    }
    return this.#positions.find(
      toolCall,
      (position) =>
        !this.#states.hasArrived(position) && this.#mayBeOf(position, task),
      (position) => this.#placeOf(position) === sendNumberOf(config),
      (position) =>
        this.#outcomes.has(position) && this.#pending[position] === undefined,
    );
  }

  /** Whether a call hasn't ended, or has an answer that isn't another task's. */
  #mayBeOf(position: number, task: string | undefined): boolean {
    const { kept, mode } = this.#options;
    const outcome = this.#outcomes.get(position);
    if (outcome === undefined) return true;
    const hasNoAnswer = outcome.status === "ok" && !outcome.value;
    if (outcome.isAbsent || hasNoAnswer) return false;
    if (mode !== "sent") return true;
    const record = kept?.recordAt(this.#indexOf(position));
    return (record?.task ?? this.#endedTasks[position] ?? task) === task;
  }

  /** What is kept of a call beside its answer. */
  #factsOf(position: number, answer: Answer): CallFacts {
    const config = this.#configs[position];
    const before = this.#questionsBefore[position] ?? 0;
    const isSent = config && this.#options.mode === "sent";
    return {
      isThrown: this.#pending[position]?.call.hasFailed?.(answer) === true,
      task: config && taskIdOf(config),
      asked: isSent ? questionsAsked(config) - before : 0,
    };
  }

  #indexOf(position: number): number {
    return this.#options.batch.indexes[position] as number;
  }

  /** The place of a call in `tool_calls`, by which its questions are known. */
  #placeOf(position: number): number {
    return this.#options.batch.places?.[position] ?? position;
  }

  /** How calls that don't come have ended before the run was paused. */
  async #lookUp(): Promise<ReadonlyMap<number, EndedCall>> {
    const { mode, batch, kept } = this.#options;
    if (mode !== "sent") return new Map();
    const missing = this.#states.missing();
    // A kept answer doesn't count if its call refers to one that is not kept.
    const open = missing.map((position) => this.#indexOf(position));
    const known = new Set([...this.#endedTasks, ...(kept?.tasks(open) ?? [])]);
    return endedCalls(batch, { configs: this.#configs, missing, known });
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
    if (pending.inOwnContext !== undefined) return;
    keepContext(pending);
  }

  #onEnd(position: number, outcome: Outcome<Answer>): void {
    this.#outcomes.set(position, outcome);
    this.#states.onEnd(position);
    this.#settle(position, outcome);
    this.#arrivalWatch.check();
  }

  #settle(position: number, outcome: Outcome<Answer>): void {
    const pending = this.#pending[position];
    if (pending === undefined) return;
    const { isStopped } = this.#run;
    const { mode } = this.#options;
    // LangGraph merges different errors of several tasks into one error.
    const holdsError =
      mode !== "sent" && !this.#isOver && (mode === "durable" || !isStopped);
    if (holdsError && willThrow(outcome)) {
      this.#hasHeldError = true;
      return;
    }
    this.#pending[position] = undefined;
    const { handOut } = this.#run;
    try {
      const answer = this.#run.answerTo(position, outcome);
      const finished = pending.call.finish?.(answer) ?? answer;
      pending.resolve(handOut?.then(() => finished) ?? finished);
    } catch (error) {
      const isOwnError = "error" in outcome || !isStopped;
      const stopped = isOwnError ? undefined : pending.call.stop?.(error);
      const end = () => {
        if (stopped === undefined) pending.reject(this.#together(error));
        else pending.resolve(stopped);
      };
      if (handOut === undefined) end();
      else void handOut.then(end);
    }
  }

  /** With `durable`, each call that asks throws the questions of all calls. */
  #together(error: unknown): unknown {
    if (this.#options.mode !== "durable" || !isInterrupt(error)) return error;
    const questions = this.#run.questions();
    return questions.interrupts.length > 0 ? questions : error;
  }

  /** Settles the calls whose errors were held back. */
  async #finish(outcomes: readonly Outcome<Answer>[]): Promise<void> {
    this.#isOver = true;
    this.#arrivalWatch.end();
    this.#stopWatch?.end();
    try {
      if (this.#run.isInterrupted) await this.#options.questions?.keep();
      if (this.#options.mode !== "together") this.#settleAll();
      else if (this.#pending.some(Boolean)) this.#run.answers(outcomes);
    } catch (error) {
      for (const pending of this.#pending) pending?.reject(error);
    } finally {
      this.#pending.length = 0;
      this.#run.close();
    }
  }

  #settleAll(): void {
    this.#outcomes.forEach((outcome, at) => this.#settle(at, outcome));
  }
}
