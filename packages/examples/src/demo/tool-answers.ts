import { type BaseMessage, isAIMessage } from "@langchain/core/messages";

export interface ToolAnswer {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Agents around that of the call. */
  readonly depth: number;
}

/**
 * The tool calls of a conversation with their answers, in order.
 *
 * @param inside the conversations of agents inside of calls, by the call's id: their
 * calls come behind it
 */
export function toolAnswers(
  messages: readonly BaseMessage[],
  inside: ReadonlyMap<string, readonly BaseMessage[]> = new Map(),
  depth = 0,
): ToolAnswer[] {
  const texts = new Map<string, string>();
  for (const message of messages) {
    if ("tool_call_id" in message) {
      texts.set(String(message.tool_call_id), message.text);
    }
  }
  return messages
    .filter(isAIMessage)
    .flatMap(({ tool_calls: calls = [] }) => calls)
    .flatMap(({ id = "", name, args }) => [
      { id, name, args, text: texts.get(id) ?? "", depth },
      ...toolAnswers(inside.get(id) ?? [], inside, depth + 1),
    ]);
}
