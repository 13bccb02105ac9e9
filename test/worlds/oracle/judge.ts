import { isDeepStrictEqual } from "node:util";
import type { ToolMessage } from "@langchain/core/messages";
import type { Difference } from "../difference.js";
import type { LogLine } from "../host/log.js";
import type { Move, ShownQuestion } from "../human.js";
import type { World } from "../world.js";
import { checkExecutions } from "./check-executions.js";
import { checkMessages } from "./check-messages.js";
import { checkOrder } from "./check-order.js";
import { checkShown } from "./check-shown.js";
import { executionsIn } from "./executions-in.js";
import { fatesOf } from "./fates-of.js";
import { orderOf } from "./order-of.js";

/** Follows a thread, and compares what it does with the rules. */
export class Judge {
  readonly #world: World;
  /** By question, as the human gave them. */
  readonly #answers = new Map<string, unknown>();
  readonly #idOf = new Map<string, string>();
  readonly #questionOf = new Map<string, string>();

  /** By ids that were not shown. */
  #strays: readonly unknown[] = [];

  constructor(world: World) {
    this.#world = world;
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
    const { kind, isDurable } = this.#world.host;
    // With `durable` it is for one question where it would be without.
    const isForOne = isDurable && !kind.endsWith("v2");
    const plainly = shown.slice(0, isForOne ? 1 : shown.length);
    for (const shownOne of shown) {
      const { id, question } = shownOne;
      if (move.does === "answers plainly") {
        if (plainly.includes(shownOne)) {
          this.#answers.set(question, move.answer);
        }
      } else if (move.does === "answers by id" && id in move.answers) {
        this.#answers.set(question, move.answers[id]);
      }
    }
  }

  /** A run has paused, or ended if nothing is shown. */
  afterRun(
    log: readonly LogLine[],
    run: number,
    shown: readonly ShownQuestion[],
    messages: readonly ToolMessage[],
  ): Difference[] {
    const world = this.#world;
    const executions = executionsIn(log);
    const fates = fatesOf(world, this.#answers);
    const found = [
      // What may cause the others comes first.
      ...checkExecutions(world, executions, run),
      ...this.#checkAnswers(log, run),
      ...checkOrder(world, orderOf(world), fates, executions, run),
      ...this.#checkIds(shown, run),
      ...checkShown(world, fates, executions, run, shown),
    ];
    return shown.length > 0
      ? found
      : [...found, ...checkMessages(world, fates, messages)];
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
