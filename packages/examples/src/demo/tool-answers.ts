import { type BaseMessage, isAIMessage } from "@langchain/core/messages";

export interface ToolAnswer {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** The tool calls of a conversation with their answers, in order. */
export function toolAnswers(messages: readonly BaseMessage[]): ToolAnswer[] {
  const texts = new Map<string, string>();
  for (const message of messages) {
    if ("tool_call_id" in message) {
      texts.set(String(message.tool_call_id), message.text);
    }
  }
  return messages
    .filter(isAIMessage)
    .flatMap(({ tool_calls: calls = [] }) => calls)
    .map(({ id = "", name, args }) => {
      return { id, name, args, text: texts.get(id) ?? "" };
    });
}
