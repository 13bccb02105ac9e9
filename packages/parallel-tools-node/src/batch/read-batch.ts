import {
  type AIMessage,
  type BaseMessage,
  isAIMessage,
  isBaseMessage,
  type ToolMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { shownCalls } from "../langgraph/written-calls.js";
import {
  groupById,
  type MessageCall,
  type OrderKnowledge,
  type WrittenOrder,
  writtenOrder,
} from "./written-order.js";

/** The unanswered tool calls of one AIMessage. */
export interface Batch {
  /** The calls in the order in which the model wrote them. */
  readonly toolCalls: readonly ToolCall[];
  /** The index in the message, as the model wrote it, of each of `toolCalls`. */
  readonly indexes: readonly number[];
  /** The id of the message, if it has one. */
  readonly messageId: string | undefined;
  /** All calls that the model wrote, also those that are answered or removed. */
  readonly message: readonly MessageCall[];
  /** How well their order is known. */
  readonly knowledge: OrderKnowledge;
  /**
   * The place of each of `toolCalls` among them in the message's `tool_calls`.
   * Default: the same order.
   */
  readonly places?: readonly number[] | undefined;
  /** The number of further calls of the message, whose indexes are unknown. */
  readonly unreadable: number;
  /**
   * The answers to calls that stand behind the message, by index: ids may be missing
   * or repeat.
   */
  readonly answers: ReadonlyMap<number, ToolMessage>;
  /**
   * Positions of the calls that have the id of another call that was answered, in
   * this turn or an earlier one. A host that sends calls one by one may take them
   * for answered, and not send them.
   */
  readonly seemAnswered: readonly number[];
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
  const at = messages.findLastIndex(isAIMessage);
  if (at < 0) throw new Error("ToolNode only accepts AIMessages as input.");
  const message = messages[at] as AIMessage;
  return unanswered(message, messages.slice(at + 1), input, () => true);
}

/** Calls as a batch, of which no message is known. */
export function batchOf(calls: readonly ToolCall[]): Batch {
  const toolCalls = [...calls];
  return {
    toolCalls,
    indexes: [...toolCalls.keys()],
    messageId: undefined,
    message: toolCalls,
    knowledge: "shown",
    unreadable: 0,
    answers: NO_ANSWERS,
    seemAnswered: NO_POSITIONS,
    state: undefined,
    isArray: false,
  };
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
  const messages = givenMessages(state);
  const at = messages.lastIndexOf(message);
  const behind = messages.slice(at + 1).filter(isBaseMessage);
  return unanswered(message, behind, state, isSibling, messages);
}

/** Puts what belongs to each of a batch's calls into the order of `tool_calls`. */
export function asListed<Item>(
  { places }: Batch,
  items: readonly Item[],
): readonly Item[] {
  if (places === undefined) return items;
  const listed: Item[] = [];
  places.forEach((place, position) => {
    listed[place] = items[position] as Item;
  });
  return listed;
}

function givenMessages(state: unknown): readonly unknown[] {
  const given = (state as { messages?: unknown } | null | undefined)?.messages;
  return Array.isArray(given) ? given : [];
}

/**
 * @param behind the messages that come after the one with the calls
 * @param all the messages of the state, where a host may take a call for answered
 */
function unanswered(
  given: AIMessage,
  behind: readonly BaseMessage[],
  state: unknown,
  isSibling: (call: ToolCall) => boolean,
  all: readonly unknown[] = [],
): Batch {
  const { tool_calls: listed = [], invalid_tool_calls: invalid = [] } = given;
  const shown = shownCalls(given);
  const order: WrittenOrder = shown
    ? writtenOrder(given, shown)
    : { knowledge: "assumed", calls: listed };
  const { calls, indexes: moved, knowledge, missing = 0 } = order;
  const answers = answersTo(calls, behind);
  let toolCalls: ToolCall[] = [];
  let indexes: number[] = [];
  listed.forEach((call, at) => {
    const index = moved?.[at] ?? at;
    const isAnswered = call.id !== null && answers.has(index);
    if (isAnswered || !isSibling(call)) return;
    toolCalls.push(call);
    indexes.push(index);
  });
  let places: number[] | undefined;
  if (moved) {
    const [open, at] = [toolCalls, indexes];
    places = [...at.keys()].sort((a, b) => at[a]! - at[b]!);
    toolCalls = places.map((place) => open[place]!);
    indexes = places.map((place) => at[place]!);
  }
  return {
    toolCalls,
    indexes,
    messageId: given.id,
    message: calls,
    knowledge,
    places,
    unreadable: invalid.length + missing,
    answers,
    seemAnswered: withAnsweredIds(toolCalls, all),
    state,
    isArray: Array.isArray(state),
  };
}

function withAnsweredIds(
  toolCalls: readonly ToolCall[],
  messages: readonly unknown[],
): readonly number[] {
  const ids = new Set<unknown>();
  for (const message of messages) {
    if (isAnswer(message)) ids.add(message.tool_call_id);
  }
  if (ids.size === 0) return NO_POSITIONS;
  return [...toolCalls.keys()].filter((position) => {
    const { id } = toolCalls[position] as ToolCall;
    return id != null && ids.has(id);
  });
}

const NO_POSITIONS: readonly number[] = Object.freeze([]);

/**
 * The answers to calls of a message, by index. Of several calls with the same id
 * each answer is for one, the first in order first. An answer in front of the
 * message is for a call of another turn, whatever its id.
 */
function answersTo(
  calls: readonly MessageCall[],
  behind: readonly BaseMessage[],
): ReadonlyMap<number, ToolMessage> {
  const given = behind.filter(isAnswer);
  if (given.length === 0) return NO_ANSWERS;
  const indexes = groupById(calls);
  const answers = new Map<number, ToolMessage>();
  for (const answer of given) {
    const id = answer.tool_call_id ?? "";
    const own = indexes.get(id);
    if (own === undefined) continue;
    const open = own.filter((index) => !answers.has(index));
    const named = open.find((index) => calls[index]?.name === answer.name);
    // A second answer to the same call replaces the first.
    answers.set((named ?? open[0] ?? own.at(-1)) as number, answer);
  }
  return answers;
}

const NO_ANSWERS: ReadonlyMap<number, ToolMessage> = new Map();

function isAnswer(message: unknown): message is ToolMessage {
  return isBaseMessage(message) && message.getType() === "tool";
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
