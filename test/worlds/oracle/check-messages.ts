import type { ToolMessage } from "@langchain/core/messages";
import type { Difference } from "../difference.js";
import { labelOf } from "../texts.js";
import type { CallDraw, Turn } from "../world.js";
import type { Fate } from "./fates-of.js";

/** How answers of calls that were not run begin. */
const NOT_RUN = /^Not run/;

/**
 * R2, R4, R7, R8: one answer per call, in order, with the right content.
 *
 * @param answers of one turn, as they stand behind its message
 */
export function checkMessages(
  turn: Turn,
  fates: readonly Fate[],
  answers: readonly ToolMessage[],
): Difference[] {
  const indexes = answeredCalls(turn);
  if (answers.length !== indexes.length) {
    const ids = answers.map(({ tool_call_id }) => tool_call_id).join(", ");
    const detail = `turn ${turn.place + 1}: ${answers.length} answers, to ${ids}, for ${indexes.length} calls`;
    return [{ kind: "messages", detail }];
  }
  return answers.flatMap((answer, place) => {
    const index = indexes[place] as number;
    const { id } = turn.calls[index] as CallDraw;
    const problem = problemOf(answer, id, fates[index] as Fate);
    if (problem === undefined) return [];
    const detail = `${labelOf(turn, index)}: ${problem}; ${answer.status} ${JSON.stringify(answer.content)}`;
    return [{ kind: "messages" as const, detail }];
  });
}

/** The calls that have an answer in the end, in the order of the answers. */
function answeredCalls({ calls, absent, shuffled }: Turn): number[] {
  const byHand = [...absent].flatMap(([index, { is }]) =>
    is === "answered by hand" || is === "rejected" ? [index] : [],
  );
  const others = (shuffled ?? calls.map((_, index) => index)).filter(
    (index) =>
      !absent.has(index) || absent.get(index)?.is === "answered in front",
  );
  return [...byHand, ...others];
}

function problemOf(
  { tool_call_id, status, content }: ToolMessage,
  id: string | undefined,
  fate: Fate,
): string | undefined {
  const text = String(content);
  if ((tool_call_id ?? "") !== (id ?? "")) return `answers ${tool_call_id}`;
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
