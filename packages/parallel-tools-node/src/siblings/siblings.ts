import { AsyncResource } from "node:async_hooks";
import type { ToolCall } from "@langchain/core/messages/tool";
import type {
  GraphInterrupt,
  LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { identityOf } from "../plan/identity-of.js";
import type { Configurable } from "../langgraph/scratchpad.js";
import type { Outcome } from "../schedule/outcome.js";
import { Attendance } from "./attendance.js";
import type { BatchHost } from "../batch/batch-host.js";
import { BatchRun } from "../batch/batch-run.js";
import type { DropWarning } from "./drop-warning.js";
import { isInterrupt } from "../batch/control-flow.js";
import { KeptAnswers } from "./kept-answers.js";
import type { CallQuestions } from "../langgraph/call-questions.js";
import { outcomeOf } from "../batch/outcome-of.js";
import type { Batch } from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import { runBy, type SentCall } from "./sent-call.js";
import { SiblingWatch } from "./sibling-watch.js";
import { StopWatch } from "./stop-watch.js";

interface SiblingsOptions {
  readonly batch: Batch;
  /** Of the call that came first. */
  readonly config: LangGraphRunnableConfig;
  readonly host: BatchHost;
  /** Each call is a task of the graph; else all are in one. */
  readonly areTasks: boolean;
  /** What is thrown ends them all, so it waits until none of them runs any more. */
  readonly isHeld: boolean;
  /** The graph runs no more tasks at once than `config.maxConcurrency`. */
  readonly areCapped: boolean;
  readonly drops: DropWarning;
  /** What the calls ask a human, where all are in one task. */
  readonly questions?: CallQuestions | undefined;
}

/** A call that has come and whose answer somebody waits for. */
interface Seat {
  readonly call: SentCall;
  /** Of the task in which it has come. */
  readonly config: LangGraphRunnableConfig;
  /** In place of the call's own. */
  run: SentCall["run"] | undefined;
  hasStarted: boolean;
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (error: unknown) => void;
}

/** A call has come, for the first time or once more. */
interface Coming {
  /** No other call of the task has it, nor has this one had it before. */
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
  readonly #stops: StopWatch;
  readonly #kept: KeptAnswers | undefined;
  /** By position. */
  readonly #seats: (Seat | undefined)[] = [];
  readonly #outcomes = new Map<number, Outcome<Answer>>();
  /** Positions by the ids of their calls, which may be missing or not unique. */
  readonly #positions = new Map<string | undefined, number[]>();
  readonly #thrown = new Set<unknown>();
  /** By position; in one task, someone around us may make a call more than once. */
  readonly #comings: Coming[][] = [];
  #isOver = false;
  /** What a call has thrown is held back. */
  #isHolding = false;
  /** Resolves when none of them runs any more. */
  readonly over: Promise<void>;

  /** @throws ConfigurationError for what the invocation asks for */
  constructor(options: SiblingsOptions) {
    const { batch, config, host, areTasks, areCapped, drops } = options;
    this.#options = options;
    this.#attendance = new Attendance(batch.toolCalls.length);
    batch.toolCalls.forEach(({ id }, position) => {
      const positions = this.#positions.get(id);
      if (positions === undefined) this.#positions.set(id, [position]);
      else positions.push(position);
    });
    this.#run = new BatchRun({
      batch,
      config,
      host,
      areTasks,
      // Else the graph has made a task of each, and ends them itself.
      areInOneTask: !areCapped,
      maxConcurrency: areCapped ? undefined : config.maxConcurrency,
      comeOneByOne: true,
      configOf: (position) => this.#seats[position]?.config,
      execute: (position, call, signal) => {
        const seat = this.#seats[position] as Seat;
        seat.hasStarted = true;
        const { questions } = this.#options;
        const run = () =>
          questions?.attempt(position, (configurable) =>
            runSeat(seat, call, signal, configurable),
          ) ?? runSeat(seat, call, signal);
        return (
          this.#kept?.before(position, seat.config.signal)?.then(run) ?? run()
        );
      },
      answerToError: (position, error) =>
        this.#seats[position]?.call.answerToError?.(error),
      stopSignal: (position) => this.#seats[position]?.call.stopSignal?.(),
      observer: {
        onReady: (position) => this.#attendance.onReady(position),
        onStart: () => {},
        onAgain: (position) => this.#keepContext(this.#seats[position]),
        onEnd: (position, _, outcome) =>
          this.#onEnd(position, outcome as Outcome<Answer>),
      },
    });
    if (areTasks && host.isDurable) {
      const of = (position: number) => this.#run.dependenciesOf(position);
      this.#kept = new KeptAnswers(host, of);
    }
    const stop = (reason: unknown) => this.#run.stop(reason);
    this.#stops = new StopWatch(host.clock, stop);
    this.#watch = new SiblingWatch({
      attendance: this.#attendance,
      batch,
      config,
      host,
      room: (areCapped && config.maxConcurrency) || Number.POSITIVE_INFINITY,
      drops,
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
    let seat: Seat | undefined;
    const answer = new Promise<Answer>((resolve, reject) => {
      seat = {
        call,
        config,
        run: undefined,
        hasStarted: false,
        resolve,
        reject,
      };
      this.#seats[position] = seat;
    });
    this.#attendance.onCome(position);
    const outcome = this.#outcomes.get(position);
    if (outcome === undefined) this.#run.arrive(position, call.toolCall);
    else this.#settle(position, outcome);
    if (seat?.hasStarted === false) this.#keepContext(seat);
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
    const { batch, questions } = this.#options;
    const key = textOf(call.toolCall);
    const equal = (this.#positions.get(call.toolCall.id) ?? []).filter(
      (position) => textOf(batch.toolCalls[position] as ToolCall) === key,
    );
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
  come(toolCall: ToolCall): Coming {
    const { toolCalls } = this.#options.batch;
    const key = textOf(toolCall);
    const places = this.#positions.get(toolCall.id) ?? [];
    const equal = places.filter(
      (position) => textOf(toolCalls[position] as ToolCall) === key,
    );
    const own = equal.length > 0 ? equal : places;
    const count = (position: number) => this.#comings[position]?.length ?? 0;
    const position =
      own.toSorted((a, b) => count(a) - count(b))[0] ?? toolCalls.length;
    const all = (this.#comings[position] ??= []);
    const coming: Coming = {
      number: position + (toolCalls.length + 1) * all.length,
      isFirst: all.length === 0,
      answers: (equal.length > 0 && all.at(-1)?.answers) || [],
    };
    all.push(coming);
    return coming;
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

  /** The first call with this id that has not come; of equal ones, the same. */
  #positionOf(toolCall: ToolCall): number | undefined {
    const open = (this.#positions.get(toolCall.id) ?? []).filter(
      (position) =>
        !this.#attendance.has(position) &&
        this.#outcomes.get(position)?.isAbsent !== true,
    );
    if (open.length <= 1) return open[0];
    const { toolCalls } = this.#options.batch;
    const key = textOf(toolCall);
    const isSame = (position: number) =>
      textOf(toolCalls[position] as ToolCall) === key;
    return open.find(isSame) ?? open[0];
  }

  /** Whoever makes room for it, it runs in the async context of its own task. */
  #keepContext(seat: Seat | undefined): void {
    if (seat === undefined) return;
    const { call } = seat;
    this.#stops.onWait(call);
    // One that was kept stays: another attempt may be asked for from elsewhere.
    if (seat.run !== undefined) return;
    const run: SentCall["run"] = (...args) => call.run(...args);
    seat.run = AsyncResource.bind(run, "parallel-tools-node");
  }

  #onEnd(position: number, outcome: Outcome<Answer>): void {
    const seat = this.#seats[position];
    if (this.#kept && seat && "value" in outcome) {
      this.#kept.ended(position, seat.config);
    }
    this.#outcomes.set(position, outcome);
    this.#attendance.onEnd(position);
    this.#settle(position, outcome);
    this.#watch.check();
  }

  #settle(position: number, outcome: Outcome<Answer>): void {
    const seat = this.#seats[position];
    if (seat === undefined) return;
    const isThrown =
      !("value" in outcome) &&
      ("error" in outcome ||
        outcome.status === "interrupted" ||
        outcome.status === "aborted");
    const { isHeld, areTasks } = this.#options;
    const { isStopped } = this.#run;
    // Of several tasks that end for different reasons LangGraph makes one error.
    const waits = isHeld && !this.#isOver && (areTasks || !isStopped);
    if (isThrown && waits) {
      this.#isHolding = true;
      return;
    }
    this.#seats[position] = undefined;
    try {
      const answer = this.#run.answerTo(position, outcome);
      seat.resolve(seat.call.finish?.(answer) ?? answer);
    } catch (error) {
      const isOwn = "error" in outcome || !isStopped;
      const end = isOwn ? undefined : seat.call.stop?.(error);
      if (end === undefined) {
        this.#thrown.add(error);
        seat.reject(error);
      } else {
        seat.resolve(end);
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
    this.#stops.end();
    try {
      if (this.#run.isInterrupted) await this.#options.questions?.keep();
      if (this.#options.areTasks) this.#settleAll();
      else if (this.#seats.some(Boolean)) this.#run.answers(outcomes);
    } catch (error) {
      for (const seat of this.#seats) seat?.reject(error);
    } finally {
      this.#seats.length = 0;
      this.#run.close();
    }
  }

  #settleAll(): void {
    for (const [position, outcome] of this.#outcomes) {
      this.#settle(position, outcome);
    }
  }
}

function runSeat(
  { call, run }: Seat,
  toolCall: ToolCall,
  signal: AbortSignal | undefined,
  configurable?: Configurable,
): Promise<Answer> {
  return run
    ? run(toolCall, signal, configurable)
    : call.run(toolCall, signal, configurable);
}

function textOf({ name, args }: ToolCall): string | undefined {
  return identityOf(name, args, []);
}
