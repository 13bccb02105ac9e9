import { type BaseMessage, isAIMessage } from "@langchain/core/messages";

/** Prints who said what, and what the model called. */
export function printConversation(messages: readonly BaseMessage[]): void {
  for (const message of messages) {
    if (message.text !== "") print(message.getType(), message.text);
    if (!isAIMessage(message)) continue;
    for (const { name, args } of message.tool_calls ?? []) {
      print("ai calls", `${name}(${JSON.stringify(args)})`);
    }
  }
}

function print(who: string, what: string): void {
  const indented = what.replaceAll("\n", `\n${" ".repeat(10)}`);
  console.log(`${who.padStart(8)}  ${indented}`);
}
