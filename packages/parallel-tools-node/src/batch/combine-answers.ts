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
  let toParent: Command | undefined;
  for (const answer of answers) {
    if (!isCommand(answer)) {
      updates.push(isArray ? [answer] : { messages: [answer] });
    } else if (!sendsToParent(answer)) {
      updates.push(answer);
    } else if (toParent === undefined) {
      toParent = new Command({
        graph: Command.PARENT,
        goto: [...(answer.goto as Send[])],
      });
    } else {
      (toParent.goto as Send[]).push(...(answer.goto as Send[]));
    }
  }
  if (toParent !== undefined) updates.push(toParent);
  return updates;
}

function sendsToParent(command: Command): boolean {
  return (
    command.graph === Command.PARENT &&
    Array.isArray(command.goto) &&
    command.goto.every((target) => target instanceof Send)
  );
}
