import { AsyncResource } from "node:async_hooks";
import type { ToolCall } from "@langchain/core/messages/tool";
import type {
  GraphInterrupt,
  LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type { Configurable } from "../langgraph/task.js";
import type { Outcome } from "../schedule/outcome.js";
import type { WarnOnce } from "../errors/warn-once.js";
import { Attendance, SiblingWatch } from "./attendance.js";
import type { BatchHost } from "../batch/batch-host.js";
import { BatchRun } from "../batch/batch-run.js";
import { isInterrupt } from "../batch/control-flow.js";
import { CallPlaces } from "./call-places.js";
import { KeptAnswers } from "./kept-answers.js";
import type { CallQuestions } from "../langgraph/call-questions.js";
import { outcomeOf } from "../batch/outcome-of.js";
import type { Batch } from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import { runBy, type SentCall } from "./sent-call.js";
import { StopWatch } from "./stop-watch.js";

/**
 * Which tasks of the graph the calls of a message are, and when what a call
 * throws is thrown on:
 *
 * - `"sent"`: the graph has made each call a task, and ends it by itself.
 * - `"together"`: all calls are in one task. What one throws ends that task, so
 *   it waits until none of them runs any more.
 * - `"durable"`: as `"together"`, but each call is made a task below that one.
 * - `"durable node"`: as `"durable"`, but the node gathers what calls throw.
 */
export type SiblingMode = "sent" | "together" | "durable" | "durable node";

interface SiblingsOptions {
  readonly batch: Batch;
  /** Of the call that came first. */
  readonly config: LangGraphRunnableConfig;
  readonly host: BatchHost;
  readonly mode: SiblingMode;
  /** For what the graph does with calls that are `"sent"`. */
  readonly warnings?: WarnOnce;
  /** What the calls ask a human, where all are in one task. */
  readonly questions?: CallQuestions | undefined;
}

/** A call that has come and whose answer somebody waits for. */
interface PendingCall {
  readonly call: SentCall;
  /** Of the task in which it has come. */
  readonly config: LangGraphRunnableConfig;
  /** In place of the call's own. */
  run: SentCall["run"] | undefined;
  hasStarted: boolean;
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (error: unknown) => void;
}

/** A call has come to be made a task, for the first time or once more. */
interface Arrival {
  /** No other arrival of the task has it. */
  readonly number: number;
  readonly isFirst: boolean;
  /** What a human has answered to its questions so far. */
  answers: readonly unknown[];
}

/**
 * The calls of one message that come one by one, as one batch. Each is answered
 * when it has ended, unless what it throws is held back.
 */
export class Siblings {
  readonly #options: SiblingsOptions;
  readonly #run: BatchRun;
  readonly #attendance: Attendance;
  readonly #watch: SiblingWatch;
  #stops: StopWatch | undefined;
  readonly #kept: KeptAnswers | undefined;
  readonly #areTasks: boolean;
  /** What a call throws waits until none of them runs any more. */
  readonly #isHeld: boolean;
  /** By position. */
  readonly #pending: (PendingCall | undefined)[] = [];
  readonly #outcomes = new Map<number, Outcome<Answer>>();
  #places: CallPlaces | undefined;
  readonly #thrown = new Set<unknown>();
  /** By position; in one task, someone around us may make a call more than once. */
  readonly #arrivals: Arrival[][] = [];
  #isOver = false;
  /** What a call has thrown is held back. */
  #isHolding = false;
  /** Resolves when none of them runs any more. */
  readonly over: Promise<void>;

  /** @throws ConfigurationError for what the invocation asks for */
  constructor(options: SiblingsOptions) {
    const { batch, config, host, mode, warnings } = options;
    this.#options = options;
    this.#areTasks = mode !== "together";
    this.#isHeld = isHeld(mode, host);
    // The graph runs no more tasks at once than `config.maxConcurrency`.
    const isCapped = mode === "sent";
    this.#attendance = new Attendance(batch.toolCalls.length);
    this.#run = new BatchRun({
      batch,
      config,
      host,
      areTasks: this.#areTasks,
      areInOneTask: mode !== "sent",
      maxConcurrency: isCapped ? undefined : config.maxConcurrency,
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
        onReady: (position) => this.#attendance.onReady(position),
        onStart: () => {},
        onAgain: (position) => this.#keepContext(this.#pending[position]),
        onEnd: (position, _, outcome) =>
          this.#onEnd(position, outcome as Outcome<Answer>),
      },
    });
    if (this.#areTasks && host.isDurable) {
      const of = (position: number) => this.#run.dependenciesOf(position);
      this.#kept = new KeptAnswers(host, of);
    }
    this.#watch = new SiblingWatch({
      attendance: this.#attendance,
      batch,
      config,
      host,
      room: (isCapped && config.maxConcurrency) || Number.POSITIVE_INFINITY,
      warnings,
      isHolding: () => this.#isHolding,
      settle: (position, outcome) => this.#run.settle(position, outcome),
    });
    this.over = this.#run.outcomes().then((outcomes) => this.#finish(outcomes));
  }

  /** What was answered to the calls is known then; `undefined`: nothing was. */
  get opened(): Promise<unknown> | undefined {
    return this.#options.questions?.opened;
  }

  /**
   * The answer to a call, once it has been run in its turn. `undefined`: it is
   * none of these, or has come before.
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
    this.#attendance.onCome(position);
    const outcome = this.#outcomes.get(position);
    if (outcome === undefined) this.#run.arrive(position, call.toolCall);
    else this.#settle(position, outcome);
    if (pending?.hasStarted === false) this.#keepContext(pending);
    this.#watch.check();
    return answer;
  }

  /** A call has ended before, and won't come: this is its answer. */
  endedBefore(toolCall: ToolCall, answer: Answer): void {
    const position = this.#positionOf(toolCall);
    if (position !== undefined) this.endedBeforeAt(position, answer);
  }

  /** As `endedBefore`, for a call whose position is known. */
  endedBeforeAt(position: number, answer: Answer): void {
    if (this.#attendance.has(position)) return;
    this.#run.settle(position, outcomeOf(answer));
  }

  /**
   * A call that has come before, to be run by itself. What it asks is its own
   * question, as before, where no equal call may have asked it.
   */
  again(call: SentCall): SentCall {
    const { questions } = this.#options;
    const equal = this.#callPlaces.equalTo(call.toolCall);
    const [position] = equal;
    if (!questions || position === undefined || equal.length > 1) return call;
    return runBy(call, (toolCall, signal) =>
      questions.attempt(position, (configurable) =>
        call.run(toolCall, signal, configurable),
      ),
    );
  }

  /**
   * A call comes, to be made a task: its number is by its place in the message and
   * by how often it has come, not by when. Equal calls may be taken for one
   * another.
   */
  noteArrival(toolCall: ToolCall): Arrival {
    const { toolCalls } = this.#options.batch;
    const equal = this.#callPlaces.equalTo(toolCall);
    const own = equal.length > 0 ? equal : this.#callPlaces.withIdOf(toolCall);
    const count = (position: number) => this.#arrivals[position]?.length ?? 0;
    const position =
      own.toSorted((a, b) => count(a) - count(b))[0] ?? toolCalls.length;
    const all = (this.#arrivals[position] ??= []);
    const arrival: Arrival = {
      number: position + (toolCalls.length + 1) * all.length,
      isFirst: all.length === 0,
      answers: (equal.length > 0 && all.at(-1)?.answers) || [],
    };
    all.push(arrival);
    return arrival;
  }

  /** All answers that are there, by the ids of their calls. */
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

  get #callPlaces(): CallPlaces {
    this.#places ??= new CallPlaces(this.#options.batch.toolCalls);
    return this.#places;
  }

  /** The first call with this id that has not come; of equal ones, the same. */
  #positionOf(toolCall: ToolCall): number | undefined {
    return this.#callPlaces.firstOpen(
      toolCall,
      (position) =>
        !this.#attendance.has(position) &&
        this.#outcomes.get(position)?.isAbsent !== true,
    );
  }

  /** Whoever makes room for it, it runs in the async context of its own task. */
  #keepContext(pending: PendingCall | undefined): void {
    if (pending === undefined) return;
    const { call } = pending;
    if (call.stopSignal) this.#stopWatch().onWait(call);
    // One that was kept stays: another attempt may be asked for from elsewhere.
    if (pending.run !== undefined) return;
    const run: SentCall["run"] = (...args) => call.run(...args);
    pending.run = AsyncResource.bind(run, "parallel-tools-node");
  }

  #stopWatch(): StopWatch {
    const stop = (reason: unknown) => this.#run.stop(reason);
    this.#stops ??= new StopWatch(this.#options.host.clock, stop);
    return this.#stops;
  }

  #onEnd(position: number, outcome: Outcome<Answer>): void {
    const pending = this.#pending[position];
    if (this.#kept && pending && "value" in outcome) {
      this.#kept.ended(position, pending.config);
    }
    this.#outcomes.set(position, outcome);
    this.#attendance.onEnd(position);
    this.#settle(position, outcome);
    this.#watch.check();
  }

  #settle(position: number, outcome: Outcome<Answer>): void {
    const pending = this.#pending[position];
    if (pending === undefined) return;
    const isThrown =
      !("value" in outcome) &&
      ("error" in outcome ||
        outcome.status === "interrupted" ||
        outcome.status === "aborted");
    const { isStopped } = this.#run;
    // Of several tasks that end for different reasons LangGraph makes one error.
    const waits =
      this.#isHeld && !this.#isOver && (this.#areTasks || !isStopped);
    if (isThrown && waits) {
      this.#isHolding = true;
      return;
    }
    this.#pending[position] = undefined;
    try {
      const answer = this.#run.answerTo(position, outcome);
      pending.resolve(pending.call.finish?.(answer) ?? answer);
    } catch (error) {
      const isOwn = "error" in outcome || !isStopped;
      const end = isOwn ? undefined : pending.call.stop?.(error);
      if (end === undefined) {
        this.#thrown.add(error);
        pending.reject(error);
      } else {
        pending.resolve(end);
      }
    }
  }

  /** Whether it is an interrupt that ended a call of these, or one beside it. */
  hasThrown(error: unknown): boolean {
    return isInterrupt(error) && this.#thrown.has(error);
  }

  /** All questions that calls have asked, in their order. */
  questions(): GraphInterrupt {
    return this.#run.questions();
  }

  /** Whoever still waits for an answer was one of those that end them all. */
  async #finish(outcomes: readonly Outcome<Answer>[]): Promise<void> {
    this.#isOver = true;
    this.#watch.end();
    this.#stops?.end();
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

function isHeld(mode: SiblingMode, host: BatchHost): boolean {
  switch (mode) {
    case "sent":
      return false;
    case "together":
    case "durable":
      return true;
    case "durable node":
      // LangGraph would end all tasks of the step at the first error.
      return !host.handlesErrors();
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
