import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { type Answer, outcomeOf } from "../batch/run-tool.js";
import {
  type EndedSend,
  endedSends,
  sendNumberOf,
} from "../langgraph/send-tasks.js";
import type { Outcome } from "../schedule/outcome.js";

/** A call whose task has come. */
interface ComingCall {
  readonly position: number;
  readonly config: LangGraphRunnableConfig;
}

/**
 * How calls of a message have ended that are tasks of the graph and don't come:
 * the checkpoint has their results. A result need not name its call, since a
 * Command may hold no message. Then the order of the tasks tells whose it is.
 *
 * @param missing positions of the calls that have not come, in their order
 * @param come the calls that have come: at least one
 */
export async function endedCalls(
  calls: readonly ToolCall[],
  missing: readonly number[],
  come: readonly ComingCall[],
): Promise<ReadonlyMap<number, Outcome<Answer>>> {
  const [first] = come;
  const outcomes = new Map<number, Outcome<Answer>>();
  if (first === undefined) return outcomes;
  const numbers = come.map(({ config }) => sendNumberOf(config) ?? 0);
  const most = Math.max(...numbers) + missing.length;
  const open = new Set(missing);
  const settle = (position: number, outcome: Outcome<Answer>) => {
    open.delete(position);
    outcomes.set(position, outcome);
  };
  const unnamed: EndedSend[] = [];
  for (const send of await endedSends(first.config, most)) {
    const [position, message] = named(send.messages) ?? [];
    if (position !== undefined) settle(position, outcomeOf(message!));
    else unnamed.push(send);
  }
  for (const { number } of unnamed) {
    if (number === undefined) continue;
    const fits = (position: number) =>
      come.every((one, i) => position < one.position === number < numbers[i]!);
    const position = [...open].find(fits) ?? [...open][0];
    if (position !== undefined) settle(position, { status: "ok" });
  }
  return outcomes;

  function named(messages: EndedSend["messages"]) {
    for (const message of messages) {
      const position = [...open].find(
        (one) => (calls[one]?.id ?? "") === message.tool_call_id,
      );
      if (position !== undefined) return [position, message] as const;
    }
    return undefined;
  }
}
