import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Batch } from "../batch/read-batch.js";
import { type Answer, outcomeOf } from "../batch/run-tool.js";
import { type EndedSend, endedSends } from "../langgraph/send-tasks.js";
import type { Outcome } from "../schedule/outcome.js";
import { type ComingCall, SendNumbers } from "./send-numbers.js";

/** A call that has ended without coming. */
export interface EndedCall {
  readonly outcome: Outcome<Answer>;
  /** The task in which it ended, if it is known. */
  readonly task: string | undefined;
}

/** Calls by position, some of which have come. */
interface Arrivals {
  /** Of the tasks that have come, by position: at least one. */
  readonly configs: readonly (LangGraphRunnableConfig | undefined)[];
  /** Positions of the calls that have not come, in their order. */
  readonly missing: readonly number[];
  /** The tasks of calls that have ended otherwise. */
  readonly known: ReadonlySet<string | undefined>;
}

/**
 * How calls of a message have ended that are tasks of the graph and don't come:
 * the checkpoint has their results. A result need not name its call, since a
 * Command may hold no message, and calls may have one id or none. So the number of
 * its Send tells whose it is. Where the numbers aren't understood, an id that one
 * call alone has does, or the order of the tasks.
 */
export async function endedCalls(
  batch: Batch,
  { configs, missing, known }: Arrivals,
): Promise<ReadonlyMap<number, EndedCall>> {
  const { toolCalls } = batch;
  const ended = new Map<number, EndedCall>();
  const numbers = new SendNumbers(batch, configs);
  const { come } = numbers;
  const config = configs.find(Boolean);
  if (config === undefined) return ended;
  const sent = new Set(come.map(({ number }) => number));
  const last = Math.max(0, ...sent);
  const sends = await endedSends(config, last + toolCalls.length);
  const open = new Set(missing);
  for (const send of sends) {
    const { number, task, messages } = send;
    // The others have ended in this run.
    if (number !== undefined && (sent.has(number) || known.has(task))) continue;
    const position = positionOf(send);
    if (position === undefined || !open.delete(position)) continue;
    const message = messages.find((one) => isNamed(position, one));
    const outcome = message ? outcomeOf(message) : ENDED;
    ended.set(position, { outcome, task });
  }
  return ended;

  function positionOf({ number, messages }: EndedSend): number | undefined {
    const named = toolCalls.flatMap((_, position) =>
      messages.some((one) => isNamed(position, one)) ? [position] : [],
    );
    const numbered = numbers.positionOf(number);
    const isNumbered = named.length === 0 || named.includes(numbered ?? -1);
    if (numbered !== undefined && isNumbered) return numbered;
    if (named.length > 0) return named.length === 1 ? named[0] : undefined;
    return [...open].find((position) => fits(position, number, come));
  }

  function isNamed(position: number, message: { tool_call_id?: string }) {
    return (toolCalls[position]?.id ?? "") === (message.tool_call_id ?? "");
  }
}

/** Whether a task stands among the others as this call among the others does. */
function fits(
  position: number,
  number: number | undefined,
  come: readonly ComingCall[],
): boolean {
  if (number === undefined) return false;
  return come.every((one) => position < one.position === number < one.number);
}

/** Its answer isn't known. */
const ENDED = Object.freeze({ status: "ok" });
