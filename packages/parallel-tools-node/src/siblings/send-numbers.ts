import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Batch } from "../batch/read-batch.js";
import { sendNumberOf } from "../langgraph/send-tasks.js";

/** A call whose task has come, and may have ended since. */
export interface ComingCall {
  readonly position: number;
  /** Of its Send. */
  readonly number: number;
}

/**
 * Which call of a message each Send of a step is for. A graph sends the calls in the
 * order of `tool_calls`: all of them, or all but those that seem to be answered.
 * Which of both it was is read from the tasks that have come.
 */
export class SendNumbers {
  readonly come: readonly ComingCall[];
  /** The position of the call for which each Send is, by its number. */
  readonly #positions = new Map<number, number>();
  readonly #unsent = new Set<number>();

  /** @param configs of the tasks that have come, by position */
  constructor(
    batch: Batch,
    configs: readonly (LangGraphRunnableConfig | undefined)[],
  ) {
    this.come = configs.flatMap((config, position) => {
      const number = config && sendNumberOf(config);
      return number === undefined ? [] : [{ position, number }];
    });
    const { toolCalls, places, seemAnswered } = batch;
    const placeOf = (position: number) => places?.[position] ?? position;
    const all = [...toolCalls.keys()].sort((a, b) => placeOf(a) - placeOf(b));
    if (this.#fit(all)) return;
    const seem = new Set(seemAnswered);
    if (seem.size === 0 || !this.#fit(all.filter((one) => !seem.has(one)))) {
      return;
    }
    for (const position of seem) this.#unsent.add(position);
  }

  /** The position of the call for which a Send is. `undefined`: it isn't known. */
  positionOf(number: number | undefined): number | undefined {
    return number === undefined ? undefined : this.#positions.get(number);
  }

  /** Whether the graph has surely not sent a call, which it takes for answered. */
  isUnsent(position: number): boolean {
    return this.#unsent.has(position);
  }

  /** Whether the tasks that have come show that these calls were sent. */
  #fit(sent: readonly number[]): boolean {
    const ranks = new Map(sent.map((position, rank) => [position, rank]));
    let first: number | undefined;
    for (const { position, number } of this.come) {
      const start = number - (ranks.get(position) ?? Number.POSITIVE_INFINITY);
      // Sends of something else may come before.
      if (start < 0 || start !== (first ?? start)) return false;
      first = start;
    }
    if (first === undefined) return false;
    for (const [position, rank] of ranks) {
      this.#positions.set(first + rank, position);
    }
    return true;
  }
}
