import { AsyncResource } from "node:async_hooks";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { identityOf } from "../plan/identity-of.js";
import type { Outcome } from "../schedule/outcome.js";
import { Attendance } from "./attendance.js";
import type { BatchHost } from "./batch-host.js";
import { BatchRun } from "./batch-run.js";
import type { DropWarning } from "./drop-warning.js";
import { KeptAnswers } from "./kept-answers.js";
import { outcomeOf } from "./outcome-of.js";
import type { Batch } from "./read-batch.js";
import type { Answer } from "./run-tool.js";
import type { SentCall } from "./sent-call.js";
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

/**
 * The calls of one message that come one by one, as one batch. Each is answered
 * when it has ended, unless what it throws is held back.
 */
export class Siblings {
  readonly #options: SiblingsOptions;
  readonly #run: BatchRun;
  readonly #attendance: Attendance;
  readonly #watch: SiblingWatch;
  readonly #stops = new StopWatch((reason) => this.#run.stop(reason));
  readonly #kept: KeptAnswers | undefined;
  /** By position. */
  readonly #seats: (Seat | undefined)[] = [];
  readonly #outcomes = new Map<number, Outcome<Answer>>();
  /** Positions by the ids of their calls, which may be missing or not unique. */
  readonly #positions = new Map<string | undefined, number[]>();
  #isOver = false;
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
      maxConcurrency: areCapped ? undefined : config.maxConcurrency,
      comeOneByOne: true,
      execute: (position, call, { signal }) => {
        const seat = this.#seats[position] as Seat;
        seat.hasStarted = true;
        const kept = this.#kept?.before(position, seat.config.signal);
        return (
          kept?.then(() => runSeat(seat, call, signal)) ??
          runSeat(seat, call, signal)
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
    this.#watch = new SiblingWatch({
      attendance: this.#attendance,
      batch,
      config,
      host,
      room: (areCapped && config.maxConcurrency) || Number.POSITIVE_INFINITY,
      drops,
      settle: (position, outcome) => this.#run.settle(position, outcome),
    });
    this.over = this.#run.outcomes().then((outcomes) => this.#finish(outcomes));
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
    const run: SentCall["run"] = (...args) => call.run(...args);
    seat.run = AsyncResource.bind(run, "parallel-tools-node");
    this.#stops.onWait(call);
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
    if (isThrown && waits) return;
    this.#seats[position] = undefined;
    try {
      const answer = this.#run.answerTo(position, outcome);
      seat.resolve(seat.call.finish?.(answer) ?? answer);
    } catch (error) {
      const isOwn = "error" in outcome || !isStopped;
      const end = isOwn ? undefined : seat.call.stop?.(error);
      if (end === undefined) seat.reject(error);
      else seat.resolve(end);
    }
  }

  /** Whoever still waits for an answer was one of those that end them all. */
  #finish(outcomes: readonly Outcome<Answer>[]): void {
    this.#isOver = true;
    this.#watch.end();
    this.#stops.end();
    try {
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
): Promise<Answer> {
  return run ? run(toolCall, signal) : call.run(toolCall, signal);
}

function textOf({ name, args }: ToolCall): string | undefined {
  return identityOf(name, args, []);
}
