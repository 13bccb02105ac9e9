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
  /** The calls as the model wrote them. */
  readonly toolCalls: readonly ToolCall[];
  /** The index in the message of each of `toolCalls`. */
  readonly indexes: readonly number[];
  /** The id of the message, if it has one. */
  readonly messageId: string | undefined;
  /** All calls of the message, the answered ones included. */
  readonly message: readonly ToolCall[];
  /** The number of calls that LangChain removed because they weren't JSON. */
  readonly unreadable: number;
  /** Earlier answers, by the id of the call. */
  readonly answered: ReadonlyMap<string, ToolMessage>;
  /** Tools see it as `runtime.state`. */
  readonly state: unknown;
  /** The input was an array of messages, so the output must be an array, too. */
  readonly isArray: boolean;
}

/**
 * Reads the input of a ToolNode: messages, or a state with `messages`.
 *
 * @throws Error with the stock node's message, for any other input
 */
export function readBatch(input: unknown): Batch {
  const messages = messagesOf(input);
  const message = lastAIMessage(messages);
  return unanswered(message, messages, input, () => true);
}

/** The last AIMessage in a graph's state. It holds the calls. */
export function lastMessageIn(state: unknown): AIMessage | undefined {
  return givenMessages(state).findLast(
    (message): message is AIMessage =>
      isBaseMessage(message) && isAIMessage(message),
  );
}

/**
 * Reads the batch of a message whose calls come one by one.
 *
 * @param state of the graph, with its `messages`
 * @param isSibling whether a call of the message will come to us
 */
export function readSiblings(
  message: AIMessage,
  state: unknown,
  isSibling: (call: ToolCall) => boolean,
): Batch {
  const messages = givenMessages(state).filter(isBaseMessage);
  return unanswered(message, messages, state, isSibling);
}

function givenMessages(state: unknown): readonly unknown[] {
  const given = (state as { messages?: unknown } | null | undefined)?.messages;
  return Array.isArray(given) ? given : [];
}

function unanswered(
  {
    id: messageId,
    tool_calls: message = [],
    invalid_tool_calls: invalid = [],
  }: AIMessage,
  messages: readonly BaseMessage[],
  state: unknown,
  isSibling: (call: ToolCall) => boolean,
): Batch {
  const answered = answersIn(messages);
  const toolCalls: ToolCall[] = [];
  const indexes: number[] = [];
  message.forEach((call, index) => {
    if (call.id != null && answered.has(call.id)) return;
    if (!isSibling(call)) return;
    toolCalls.push(call);
    indexes.push(index);
  });
  return {
    toolCalls,
    indexes,
    messageId,
    message,
    unreadable: invalid.length,
    answered,
    state,
    isArray: Array.isArray(state),
  };
}

function answersIn(
  messages: readonly BaseMessage[],
): ReadonlyMap<string, ToolMessage> {
  const answers = new Map<string, ToolMessage>();
  for (const message of messages) {
    if (message.getType() !== "tool") continue;
    const answer = message as ToolMessage;
    answers.set(answer.tool_call_id, answer);
  }
  return answers;
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
