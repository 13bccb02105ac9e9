import { Command, isCommand, Send } from "@langchain/langgraph";
import type { Answer } from "../batch/run-tool.js";

/**
 * An answer as it was before it went to a checkpoint and back: of a Command,
 * and of what it sends, only the fields come back. Messages come back as such.
 */
export function reviveAnswer(answer: Answer): Answer {
  if (isCommand(answer) || !isNamed(answer, "Command")) return answer;
  const { graph, update, resume, goto } = answer as unknown as Fields;
  return new Command({
    ...(graph !== undefined && { graph: graph as string }),
    ...(update !== undefined && { update: update as Fields }),
    ...(resume !== undefined && { resume: resume as object }),
    goto: (Array.isArray(goto) ? goto.map(reviveTarget) : goto) as string[],
  });
}

type Fields = Readonly<Record<string, unknown>>;

function reviveTarget(target: unknown): unknown {
  if (target instanceof Send || !isNamed(target, "Send")) return target;
  const { node, args } = target as Fields;
  return new Send(node as string, args);
}

/** LangGraph writes the name of its own classes under `lg_name`. */
function isNamed(value: unknown, name: string): boolean {
  return (value as Fields | null | undefined)?.["lg_name"] === name;
}
