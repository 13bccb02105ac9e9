import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { type Answer, outcomeOf } from "../batch/run-tool.js";
import { endedSends, sendNumberOf } from "../langgraph/send-tasks.js";
import type { Outcome } from "../schedule/outcome.js";

/** A call whose task has come, and may have ended since. */
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
 * @param known the tasks of calls that have ended otherwise; is updated
 */
export async function endedCalls(
  calls: readonly ToolCall[],
  missing: readonly number[],
  come: readonly ComingCall[],
  known: Set<string | undefined>,
): Promise<ReadonlyMap<number, Outcome<Answer>>> {
  const [first] = come;
  const outcomes = new Map<number, Outcome<Answer>>();
  if (first === undefined) return outcomes;
  const numbers = come.map(({ config }) => sendNumberOf(config) ?? 0);
  const most = Math.max(...numbers) + missing.length;
  const sends = await endedSends(first.config, most);
  // The others have ended in this run.
  const others = sends.filter(
    ({ number, task }) =>
      number === undefined || !(numbers.includes(number) || known.has(task)),
  );
  const open = new Set(missing);
  for (const { number, task, messages } of others) {
    const named = messages.flatMap((message) => {
      const position = [...open].find((one) => isNamed(one, message));
      return position === undefined ? [] : [{ position, message }];
    })[0];
    // What names a call that isn't missing is that call's result.
    const namesOther = messages.some((message) =>
      calls.some((_, position) => isNamed(position, message)),
    );
    const position =
      named?.position ??
      (namesOther ? undefined : [...open].find((one) => fits(one, number)));
    if (position === undefined) continue;
    open.delete(position);
    if (task !== undefined) known.add(task);
    const outcome = named ? outcomeOf(named.message) : ENDED;
    outcomes.set(position, outcome);
  }
  return outcomes;

  function isNamed(position: number, message: { tool_call_id?: string }) {
    return (calls[position]?.id ?? "") === (message.tool_call_id ?? "");
  }

  /** Whether a task stands among the others as this call among the others does. */
  function fits(position: number, number: number | undefined): boolean {
    if (number === undefined) return false;
    return come.every(
      (one, i) =>
        calls[one.position]?.id === calls[position]?.id ||
        position < one.position === number < numbers[i]!,
    );
  }
}

/**
 * Whether the tasks that have come show that the graph has sent fewer calls than
 * stand before them, so that it has not sent this one, which it takes for answered.
 *
 * @param configs of the tasks that have come, by position
 */
export function isUnsent(
  position: number,
  configs: readonly (LangGraphRunnableConfig | undefined)[],
): boolean {
  return configs.some((config, come) => {
    const number = config && sendNumberOf(config);
    return come > position && number !== undefined && number < come;
  });
}

/** Its answer isn't known. */
const ENDED = Object.freeze({ status: "ok" });
