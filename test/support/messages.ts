import { AIMessage, type ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";

/** A tool call as a model writes it. */
export function callOf(
  id: string | undefined,
  name: string,
  args: Record<string, unknown> = {},
): ToolCall {
  return { name, args, type: "tool_call", ...(id !== undefined && { id }) };
}

/** The model asks for these calls in one message. */
export function ask(...calls: ToolCall[]): AIMessage {
  return new AIMessage({ content: "", tool_calls: calls });
}

/** Who was answered and what, in order: `["a ok: 1", "b error: no"]`. */
export function answerLines(answers: readonly ToolMessage[]): string[] {
  return answers.map(({ tool_call_id: id, status, content }) => {
    const text = typeof content === "string" ? content : "(blocks)";
    return `${id} ${status === "error" ? "error" : "ok"}: ${text}`;
  });
}
