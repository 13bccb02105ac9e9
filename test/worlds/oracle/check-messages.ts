import type { ToolMessage } from "@langchain/core/messages";
import type { Difference } from "../difference.js";
import type { World } from "../world.js";
import type { Fate } from "./fates-of.js";

/** How answers of calls that were not run begin. */
const NOT_RUN = /^Not run/;

/** R2, R4, R7, R8: one answer per call, in order, with the right content. */
export function checkMessages(
  world: World,
  fates: readonly Fate[],
  messages: readonly ToolMessage[],
): Difference[] {
  const found: Difference[] = [];
  if (messages.length !== world.calls.length) {
    const ids = messages.map(({ tool_call_id }) => tool_call_id).join(", ");
    found.push({ kind: "messages", detail: `answers to ${ids}` });
    return found;
  }
  messages.forEach((message, index) => {
    const problem = problemOf(
      message,
      world.calls[index]?.id,
      fates[index] as Fate,
    );
    if (problem === undefined) return;
    const detail = `call ${index + 1}: ${problem}; ${message.status} ${JSON.stringify(message.content)}`;
    found.push({ kind: "messages", detail });
  });
  return found;
}

function problemOf(
  { tool_call_id, status, content }: ToolMessage,
  id: string | undefined,
  fate: Fate,
): string | undefined {
  const text = String(content);
  if (tool_call_id !== id) return `answers ${tool_call_id}`;
  if ((status === "error") !== (fate.is !== "ok")) {
    return `its fate is ${JSON.stringify(fate)}`;
  }
  switch (fate.is) {
    case "ok":
      return text === fate.content ? undefined : `expected ${fate.content}`;
    case "failed":
      return text.includes(fate.says) && !NOT_RUN.test(text)
        ? undefined
        : `expected it to say ${fate.says}`;
    case "unresolved":
      return text.includes(fate.says) && NOT_RUN.test(text)
        ? undefined
        : `expected it not to be run and to say ${fate.says}`;
    case "not run":
      return NOT_RUN.test(text) ? undefined : "expected it not to be run";
    default:
      return `the thread has ended, and it is ${fate.is}`;
  }
}
