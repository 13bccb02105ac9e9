import {
  type BaseMessage,
  isAIMessage,
  isToolMessage,
  type ToolMessage,
} from "@langchain/core/messages";
import type { BatchReport } from "parallel-tools-node";
import type { Difference } from "../difference.js";
import type { LogLine } from "../host/log.js";
import type { Decision, Move, ShownQuestion } from "../human.js";
import {
  type Absence,
  toolOf,
  type Turn,
  turnOf,
  type World,
} from "../world.js";
import { checkEarly } from "./check-early.js";
import { checkReports } from "./check-reports.js";
import { executionsIn } from "./executions-in.js";
import { neverRun } from "./never-run.js";
import { TurnJudge } from "./turn-judge.js";

/** What there is to see when a run has paused or ended. */
export interface Scene {
  readonly log: readonly LogLine[];
  /** Of the thread's batches. */
  readonly reports: readonly BatchReport[];
  readonly run: number;
  /** Questions of tools. */
  readonly shown: readonly ShownQuestion[];
  /** The calls that `humanInTheLoopMiddleware` asks about, by their numbers. */
  readonly reviewed: readonly number[] | undefined;
  readonly messages: readonly BaseMessage[];
}

/** Where a thread waits: what a fork goes back to. */
export interface Mark {
  readonly turn: Turn;
}

/** Follows a thread from turn to turn, and compares it with the rules. */
export class ThreadJudge {
  readonly #world: World;
  readonly #turns: TurnJudge[] = [];
  readonly #questionOf = new Map<string, string>();
  /** Places of the turns about whose calls a human has decided. */
  readonly #reviewed = new Set<number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Of the last turn. */
  get current(): TurnJudge {
    return this.#turns.at(-1) as TurnJudge;
  }

  afterRun(scene: Scene): Difference[] {
    const { log, reports, run, shown, reviewed, messages } = scene;
    const parts = turnsIn(messages).slice(0, this.#world.turns.length);
    const isAtEnd = shown.length === 0 && reviewed === undefined;
    const found: Difference[] = [];
    if (isAtEnd && parts.length < this.#world.turns.length) {
      const detail = `the thread has ended with turn ${parts.length}`;
      found.push({ kind: "messages", detail });
    }
    for (const [place, { answers, idsBefore }] of parts.entries()) {
      this.#turns[place] ??= this.#begin(place, run, idsBefore);
      const judge = this.#turns[place];
      const isLast = place === parts.length - 1;
      if (isLast && reviewed !== undefined) {
        found.push(...this.#checkReview(judge.turn, scene, reviewed));
        continue;
      }
      if (this.#lacksReview(judge.turn)) {
        const detail = `turn ${place + 1}, run ${run}`;
        found.push({ kind: "ran before its review", detail });
      }
      const isOver = !isLast || isAtEnd;
      const standing = { log, run, answers, isOver };
      found.push(
        ...judge.afterRun({ ...standing, shown: isLast ? shown : [] }),
      );
    }
    return [...found, ...checkReports(this.#world, log, reports)];
  }

  answered(move: Move, shown: readonly ShownQuestion[]): void {
    this.current.answered(move, shown);
  }

  /**
   * The human has decided about calls. Where one is rejected, LangChain takes
   * those that were approved out of the message, runs nothing of it, and leaves
   * calls that nobody was asked about without an answer (`hitl`, `afterModel`).
   */
  decided(decisions: readonly Decision[]): void {
    const { turn } = this.current;
    this.#reviewed.add(turn.place);
    const indexes = reviewedCalls(turn);
    const edits = new Map(turn.edits);
    const absent = new Map(turn.absent);
    const isRejected = decisions.some(({ is }) => is === "reject");
    if (isRejected) {
      turn.calls.forEach((_, index) => absent.set(index, { is: "removed" }));
    }
    decisions.forEach((decision, place) => {
      const index = indexes[place] as number;
      if (decision.is === "edit") edits.set(index, decision.edit);
      if (decision.is !== "reject") return;
      const content = decision.message;
      // The answers stand in the order of the decisions.
      absent.delete(index);
      absent.set(index, { is: "rejected", content });
    });
    const others = turn.calls.flatMap((_, index) =>
      indexes.includes(index) ? [] : [index],
    );
    const shuffled = [...others, ...indexes];
    this.current.changed({ ...turn, edits, absent, shuffled });
  }

  /** A user has changed the last message, or what stands behind it. */
  edited(turn: Turn, run: number, index: number | undefined): void {
    this.current.edited(turn, run, index);
  }

  mark(): Mark {
    return { turn: this.current.turn };
  }

  /**
   * A user goes on from a checkpoint that was left behind. R9, R15: all calls run
   * again, and no answer of the other branch is used.
   *
   * @param run the next one
   */
  forked({ turn }: Mark, run: number, turnNow: Turn = turn): void {
    this.#turns.length = turn.place;
    for (const place of this.#reviewed) {
      if (place > turn.place) this.#reviewed.delete(place);
    }
    this.#turns.push(new TurnJudge(turnNow, run, this.#questionOf));
  }

  #begin(
    place: number,
    run: number,
    idsBefore: ReadonlySet<string | undefined>,
  ): TurnJudge {
    const turn = turnOf(this.#world, place);
    const absent = new Map<number, Absence>(turn.absent);
    for (const index of neverRun(turn.host, turn, idsBefore)) {
      absent.set(index, { is: "never run" });
    }
    return new TurnJudge({ ...turn, absent }, run, this.#questionOf);
  }

  #lacksReview(turn: Turn): boolean {
    return !this.#reviewed.has(turn.place) && reviewedCalls(turn).length > 0;
  }

  #checkReview(
    turn: Turn,
    { log, run }: Scene,
    reviewed: readonly number[],
  ): Difference[] {
    const found: Difference[] = [];
    const own = executionsIn(log.filter((line) => line.turn === turn.place));
    found.push(...checkEarly(turn, own, run));
    if (own.some((one) => one.run === run && !one.isEarly)) {
      const detail = `turn ${turn.place + 1}, run ${run}`;
      found.push({ kind: "ran before its review", detail });
    }
    const expected = reviewedCalls(turn).map(
      (index) => turn.calls[index]?.sameAs ?? index,
    );
    if (expected.join() !== reviewed.join() || !this.#lacksReview(turn)) {
      const detail = `turn ${turn.place + 1}, run ${run}: ${reviewed.join()} instead of ${expected.join()}`;
      found.push({ kind: "another review", detail });
    }
    return found;
  }
}

/** The calls that a human decides about, by index. */
function reviewedCalls(turn: Turn): number[] {
  if (turn.host.reviews === "nowhere") return [];
  return turn.calls.flatMap((_, index) =>
    toolOf(turn, index).isReviewed ? [index] : [],
  );
}

interface Part {
  readonly answers: readonly ToolMessage[];
  /** The ids of the ToolMessages before the turn. */
  readonly idsBefore: ReadonlySet<string | undefined>;
}

/** What stands behind each message of the model. */
function turnsIn(messages: readonly BaseMessage[]): Part[] {
  const places = messages.flatMap((message, place) =>
    isAIMessage(message) ? [place] : [],
  );
  return places.map((place, number) => ({
    answers: messages
      .slice(place, places[number + 1])
      .filter((message) => isToolMessage(message)),
    idsBefore: new Set(
      messages
        .slice(0, place)
        .filter((message) => isToolMessage(message))
        .map(({ tool_call_id: id }) => id as string | undefined),
    ),
  }));
}
