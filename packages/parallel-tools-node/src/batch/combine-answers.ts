import { Command, isCommand, Send } from "@langchain/langgraph";
import type { Answer } from "./run-tool.js";

/**
 * The state update for the answers of a batch, in their order. Without
 * Commands: the messages. With some: a list of updates, in which the Commands
 * that only send to the parent graph become one.
 */
export function combineAnswers(
  answers: readonly Answer[],
  isArray: boolean,
): unknown {
  if (!answers.some((answer) => isCommand(answer))) {
    return isArray ? answers : { messages: answers };
  }
  const updates: unknown[] = [];
  const parentSends: Send[] = [];
  for (const answer of answers) {
    if (!isCommand(answer)) {
      updates.push(isArray ? [answer] : { messages: [answer] });
    } else if (sendsToParent(answer)) {
      parentSends.push(...(answer.goto as Send[]));
    } else {
      updates.push(answer);
    }
  }
  if (answers.some((answer) => isCommand(answer) && sendsToParent(answer))) {
    updates.push(new Command({ graph: Command.PARENT, goto: parentSends }));
  }
  return updates;
}

function sendsToParent(command: Command): boolean {
  return (
    command.graph === Command.PARENT &&
    Array.isArray(command.goto) &&
    command.goto.every((target) => target instanceof Send)
  );
}
