import { isDeepStrictEqual } from "node:util";
import type { ToolMessage } from "@langchain/core/messages";
import type { Difference } from "../difference.js";
import type { LogLine } from "../host/log.js";
import type { Move, ShownQuestion } from "../human.js";
import { labelOf } from "../texts.js";
import { isSubstituted, keepsAnswers, leaderOf, type Turn } from "../world.js";
import { checkEarly, isOfNoUse } from "./check-early.js";
import { checkExecutions } from "./check-executions.js";
import { checkMessages } from "./check-messages.js";
import { checkOrder } from "./check-order.js";
import { checkShown } from "./check-shown.js";
import { type Execution, executionsIn } from "./executions-in.js";
import { type Fate, fatesOf, valueFrom } from "./fates-of.js";
import { orderOf } from "./order-of.js";

/** What a turn has come to when a run pauses or ends. */
export interface Standing {
  readonly log: readonly LogLine[];
  readonly run: number;
  /** Questions of its tools. */
  readonly shown: readonly ShownQuestion[];
  /** The answers behind its message. */
  readonly answers: readonly ToolMessage[];
  /** The next turn has begun, or the thread has ended. */
  readonly isOver: boolean;
}

/** Follows one message of a thread, on one of its branches. */
export class TurnJudge {
  #turn: Turn;
  /** By index, the first run that counts: earlier ones were of another branch. */
  readonly #since: number[];
  /** By question, as the human gave them. */
  readonly #answers = new Map<string, unknown>();
  /**
   * Questions that may be asked again, though they have an answer: with an edit of
   * the state or on a fork a call that had not ended begins anew.
   */
  readonly #mayAskAgain = new Set<string>();
  readonly #idOf = new Map<string, string>();
  /** Shared by all turns. */
  readonly #questionOf: Map<string, string>;
  /** What has become of calls that ended, and are not run again. */
  readonly #kept = new Map<number, Fate>();
  /** By ids that were not shown. */
  #strays: readonly unknown[] = [];
  #overSince = Infinity;
  /** The checkpoint has the results of the step's tasks that have ended. */
  #hasPaused = false;

  constructor(turn: Turn, run: number, questionOf: Map<string, string>) {
    this.#turn = turn;
    this.#since = turn.calls.map(() => run);
    this.#questionOf = questionOf;
  }

  get turn(): Turn {
    return this.#turn;
  }

  /** Where each call stands. */
  get fates(): readonly Fate[] {
    return fatesOf(this.#turn, this.#answers, this.#kept, this.#hasPaused);
  }

  /** The labels of the calls that have not ended, or are run again. */
  toRun(): string[] {
    return this.#turn.calls.flatMap((_, index) =>
      this.#kept.has(index) ? [] : [labelOf(this.#turn, index)],
    );
  }

  /** The host has changed the calls, or leaves some out. */
  changed(turn: Turn): void {
    this.#turn = turn;
  }

  /** The human has answered, with this before their eyes. */
  answered(move: Move, shown: readonly ShownQuestion[]): void {
    const ids = shown.map(({ id }) => id);
    this.#strays =
      move.does === "answers by id"
        ? Object.entries(move.answers).flatMap(([id, answer]) =>
            ids.includes(id) ? [] : [answer],
          )
        : [];
    for (const [question, answer] of answersOf(move, shown, this.#turn)) {
      this.#answers.set(question, answer);
      this.#mayAskAgain.delete(question);
    }
  }

  /** As `answered`, where the calls begin anew and may ask once more. */
  answeredOnFork(move: Move, shown: readonly ShownQuestion[]): void {
    this.answered(move, shown);
    for (const question of this.#answers.keys()) {
      this.#mayAskAgain.add(question);
    }
  }

  /**
   * A user has changed the state. R9: with `durable` calls that have ended are not
   * run again, if the edit leaves them as they were.
   *
   * @param run the next one
   * @param index the call whose arguments are others now
   */
  edited(turn: Turn, run: number, index: number | undefined): void {
    const before = this.fates;
    this.#turn = turn;
    this.#idOf.clear();
    if (index !== undefined) this.#kept.delete(index);
    this.#hasPaused = false;
    for (const [call, { is }] of this.#kept) {
      if (is === "not run") this.#kept.delete(call);
    }
    if (!turn.host.isDurable) this.#kept.clear();
    // A call that refers to one that runs again may have other arguments.
    turn.calls.forEach(({ reference }, call) => {
      if (reference === undefined) return;
      const to = leaderOf(turn, reference.to);
      const stays =
        this.#kept.has(to) || turn.absent.get(to)?.is === "answered by hand";
      const isSame =
        stays &&
        isDeepStrictEqual(
          valueFrom(before[to], reference.path),
          valueFrom(this.fates[to], reference.path),
        );
      if (!isSame) this.#kept.delete(call);
    });
    turn.calls.forEach((_, call) => {
      if (this.#kept.has(call)) return;
      this.#since[call] = run;
    });
    for (const question of this.#answers.keys()) {
      const index = indexOf(question);
      if (!this.#kept.has(index)) this.#mayAskAgain.add(question);
    }
  }

  /** A run has paused, or ended. */
  afterRun({ log, run, shown, answers, isOver }: Standing): Difference[] {
    const turn = this.#turn;
    const own = log.filter((line) => line.turn === turn.place);
    const since = executionsIn(own).filter(
      ({ call, run: at }) => at >= (this.#since[call] as number),
    );
    const executions = since.filter((one) => !isOfNoUse(turn, one));
    if (this.#overSince < run) return this.#checkQuiet(executions, run);
    this.#forgetAskedAgain(own, run);
    const { fates } = this;
    const found = [
      // What may cause the others comes first.
      ...checkEarly(turn, since, run),
      ...checkVersions(turn, executions, run),
      ...checkExecutions(turn, executions, run),
      ...this.#checkAnswers(own, run),
      ...checkOrder(turn, orderOf(turn), fates, executions, run),
      ...this.#checkIds(shown, run),
      ...checkShown(turn, fates, executions, run, shown),
    ];
    if (keepsAnswers(turn.host)) this.#keep(fates, executions);
    this.#hasPaused = true;
    if (!isOver) return found;
    this.#overSince = run;
    return [
      ...found,
      ...checkMessages(turn, fates, answers),
      ...checkAllRan(turn, fates, executions),
    ];
  }

  /** Nothing of a turn runs when the next has begun. */
  #checkQuiet(executions: readonly Execution[], run: number): Difference[] {
    const again = executions.find((execution) => execution.run === run);
    if (again === undefined) return [];
    const detail = `call ${again.call + 1} of turn ${this.#turn.place + 1} in run ${run}, after its turn`;
    return [{ kind: "finished call ran again", detail }];
  }

  #keep(fates: readonly Fate[], executions: readonly Execution[]): void {
    fates.forEach((fate, index) => {
      const hasEnded = executions.some(
        ({ call, end }) =>
          call === index && (end === "ended" || end === "failed"),
      );
      const isOver = fate.is === "ok" || fate.is === "failed";
      // Middleware behind ours has answered: for us the call has run.
      const isAnswered = fate.is === "ok" && isSubstituted(this.#turn, index);
      // The task of a call that was not run has ended, too.
      const wasTask = this.#turn.host.kind.endsWith("v2");
      const isGivenUp =
        wasTask && fate.is === "not run" && !this.#turn.absent.has(index);
      if ((hasEnded && isOver) || isAnswered || isGivenUp) {
        this.#kept.set(index, fate);
      }
    });
  }

  /** A question that was asked again has no answer any more. */
  #forgetAskedAgain(log: readonly LogLine[], run: number): void {
    for (const line of log) {
      if (line.run !== run) continue;
      if (line.did !== "got" && line.did !== "paused") continue;
      const { question } = line;
      if (!this.#mayAskAgain.delete(question)) continue;
      if (line.did === "paused") this.#answers.delete(question);
    }
  }

  /** R15: an answer belongs to its question, and nobody else gives one. */
  #checkAnswers(log: readonly LogLine[], run: number): Difference[] {
    return log.flatMap((line): Difference[] => {
      if (line.run !== run || line.did !== "got") return [];
      const { question, answer } = line;
      const got = `${question} got ${JSON.stringify(answer)} in run ${run}`;
      if (!this.#answers.has(question)) {
        const isStray = this.#strays.some((stray) =>
          isDeepStrictEqual(stray, answer),
        );
        const kind = isStray ? "answer by an old id" : "answer nobody gave";
        return [{ kind, detail: got }];
      }
      const given = this.#answers.get(question);
      if (isDeepStrictEqual(given, answer)) return [];
      const detail = `${got}, and the answer to it was ${JSON.stringify(given)}`;
      return [{ kind: "answer of another", detail }];
    });
  }

  #checkIds(shown: readonly ShownQuestion[], run: number): Difference[] {
    const found: Difference[] = [];
    for (const { id, question } of shown) {
      const detail = `${question}, id ${id}, run ${run}`;
      const other = this.#questionOf.get(id);
      if (other !== undefined && other !== question) {
        const both = `${detail}; also of ${other}`;
        found.push({ kind: "two questions, one id", detail: both });
      }
      this.#questionOf.set(id, question);
      const before = this.#idOf.get(question);
      if (before !== undefined && before !== id) {
        const both = `${detail}; before it was ${before}`;
        found.push({ kind: "one question, two ids", detail: both });
      }
      this.#idOf.set(question, id);
      if (this.#answers.has(question)) {
        found.push({ kind: "asked again", detail });
      }
    }
    return found;
  }
}

/** What a human's move says to which question. */
function answersOf(
  move: Move,
  shown: readonly ShownQuestion[],
  { host }: Turn,
): [question: string, answer: unknown][] {
  switch (move.does) {
    case "goes on without an answer":
      return [];
    case "answers by id":
      return shown.flatMap(({ id, question }) =>
        id in move.answers ? [[question, move.answers[id]]] : [],
      );
    case "answers plainly": {
      // With `durable` it is for one question where it would be without.
      const isForOne = host.isDurable && !host.kind.endsWith("v2");
      const plainly = shown.slice(0, isForOne ? 1 : shown.length);
      return plainly.map(({ question }) => [question, move.answer]);
    }
  }
}

/** R9: a call runs with the arguments that its message has now. */
function checkVersions(
  { edits, absent, place }: Turn,
  executions: readonly Execution[],
  run: number,
): Difference[] {
  return executions.flatMap(({ call, edit, run: at }): Difference[] => {
    if (at !== run) return [];
    const who = `call ${call + 1} of turn ${place + 1} in run ${run}`;
    const absence = absent.get(call)?.is;
    if (absence !== undefined) {
      const detail = `${who}, which is ${absence}`;
      return [{ kind: "ran though it must not", detail }];
    }
    if (edit === edits.get(call)) return [];
    const detail = `${who} with edit ${edit}, after edit ${edits.get(call)}`;
    return [{ kind: "ran with other arguments", detail }];
  });
}

/** On a fork, too, each call is run: no answer of another branch stands for it. */
function checkAllRan(
  turn: Turn,
  fates: readonly Fate[],
  executions: readonly Execution[],
): Difference[] {
  return fates.flatMap(({ is }, index): Difference[] => {
    if (is !== "ok" && is !== "failed") return [];
    if (turn.absent.has(index) || isSubstituted(turn, index)) return [];
    const leader = leaderOf(turn, index);
    if (executions.some(({ call }) => call === leader)) return [];
    return [{ kind: "never ran", detail: labelOf(turn, index) }];
  });
}

/** The index of the call that asks a question. */
function indexOf(question: string): number {
  return Number(/^t\d+c(\d+)/.exec(question)?.[1]) - 1;
}
