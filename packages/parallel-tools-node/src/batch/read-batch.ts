import {
  type AIMessage,
  type BaseMessage,
  isAIMessage,
  isBaseMessage,
  type ToolMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";

/** The unanswered tool calls of one AIMessage. */
export interface Batch {
  /** As the model wrote them; `indexes` tells where each stood. */
  readonly toolCalls: readonly ToolCall[];
  readonly indexes: readonly number[];
  /** What the tools see as `runtime.state`. */
  readonly state: unknown;
  /** The input was an array of messages, so the output is one too. */
  readonly isArray: boolean;
}

/**
 * Reads the three inputs of a ToolNode: messages, a state with `messages`, or
 * what `Send` carries for one call (the state, with `lg_tool_call` beside it).
 *
 * @throws Error, in the stock node's words, for any other input
 */
export function readBatch(input: unknown): Batch {
  if (isSendInput(input)) {
    const { lg_tool_call: toolCall, ...state } = input;
    const indexes = [indexInMessage(toolCall, state["messages"])];
    return { toolCalls: [toolCall], indexes, state, isArray: false };
  }
  const messages = messagesOf(input);
  const answered = new Set<string>();
  for (const message of messages) {
    if (message.getType() === "tool") {
      answered.add((message as ToolMessage).tool_call_id);
    }
  }
  const toolCalls: ToolCall[] = [];
  const indexes: number[] = [];
  lastAIMessage(messages).tool_calls?.forEach((call, index) => {
    if (call.id != null && answered.has(call.id)) return;
    toolCalls.push(call);
    indexes.push(index);
  });
  return { toolCalls, indexes, state: input, isArray: Array.isArray(input) };
}

function isSendInput(
  input: unknown,
): input is { lg_tool_call: ToolCall } & Record<string, unknown> {
  return typeof input === "object" && input !== null && "lg_tool_call" in input;
}

/** Where a call that was sent on its own stood in the message that made it. */
function indexInMessage({ id }: ToolCall, messages: unknown): number {
  if (id == null || !Array.isArray(messages)) return 0;
  const message: unknown = messages.findLast(
    (candidate) => isBaseMessage(candidate) && isAIMessage(candidate),
  );
  const siblings = (message as AIMessage | undefined)?.tool_calls ?? [];
  const index = siblings.findIndex((sibling) => sibling.id === id);
  return Math.max(0, index);
}

function messagesOf(input: unknown): readonly BaseMessage[] {
  if (isMessages(input)) return input;
  if (typeof input === "object" && input !== null && "messages" in input) {
    if (isMessages(input.messages)) return input.messages;
  }
  throw new Error(
    "ToolNode only accepts BaseMessage[] or { messages: BaseMessage[] } as input.",
  );
}

function isMessages(value: unknown): value is readonly BaseMessage[] {
  return Array.isArray(value) && value.every(isBaseMessage);
}

function lastAIMessage(messages: readonly BaseMessage[]): AIMessage {
  const message = messages.findLast(isAIMessage);
  if (message !== undefined) return message;
  throw new Error("ToolNode only accepts AIMessages as input.");
}
