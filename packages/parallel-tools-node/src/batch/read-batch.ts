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
  /** All calls of the message, the answered ones included. */
  readonly message: readonly ToolCall[];
  /** Calls that LangChain took out of the message, having found no JSON. */
  readonly unreadable: number;
  /** Answers that were there before, by the id of the call. */
  readonly answered: ReadonlyMap<string, ToolMessage>;
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
  if (isSendInput(input)) return readSend(input);
  const messages = messagesOf(input);
  const answered = answersIn(messages);
  const asked = lastAIMessage(messages);
  const message = asked.tool_calls ?? [];
  const toolCalls: ToolCall[] = [];
  const indexes: number[] = [];
  message.forEach((call, index) => {
    if (call.id != null && answered.has(call.id)) return;
    toolCalls.push(call);
    indexes.push(index);
  });
  const isArray = Array.isArray(input);
  return {
    toolCalls,
    indexes,
    message,
    unreadable: unreadableIn(asked),
    answered,
    state: input,
    isArray,
  };
}

/** One call, and where in its message it stood. */
function readSend({ lg_tool_call: toolCall, ...state }: SendInput): Batch {
  const given: unknown = state["messages"];
  const messages = Array.isArray(given) ? given.filter(isBaseMessage) : [];
  const asked = messages.findLast(isAIMessage);
  const message = asked?.tool_calls ?? [];
  const index =
    toolCall.id == null
      ? -1
      : message.findIndex((sibling) => sibling.id === toolCall.id);
  return {
    toolCalls: [toolCall],
    indexes: [Math.max(0, index)],
    message: index < 0 ? [toolCall] : message,
    unreadable: asked === undefined || index < 0 ? 0 : unreadableIn(asked),
    answered: answersIn(messages),
    state,
    isArray: false,
  };
}

function unreadableIn({ invalid_tool_calls: calls }: AIMessage): number {
  return calls?.length ?? 0;
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

type SendInput = { lg_tool_call: ToolCall } & Record<string, unknown>;

function isSendInput(input: unknown): input is SendInput {
  return typeof input === "object" && input !== null && "lg_tool_call" in input;
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
