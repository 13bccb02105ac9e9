import {
  type AIMessage,
  isAIMessage,
  isBaseMessage,
} from "@langchain/core/messages";
import {
  ORDER_NOTE,
  type ShownCall,
  shownCalls,
} from "../langgraph/written-calls.js";
import { digestOfCall, haveOwnIds, writtenOrder } from "./written-order.js";

/**
 * Notes on a model's message in what order the model wrote its calls. Middleware
 * that comes later may change `tool_calls`, and a checkpoint keeps only that. A
 * message with fewer than two calls has no order, so it gets no note.
 *
 * @param response of a model: a message, or an object with `messages`, as an agent
 *   has for a structured response. Anything else is left alone
 */
export function noteOrder(response: unknown): void {
  for (const message of messagesIn(response)) {
    try {
      note(message);
    } catch {
      // It can't be changed. A message without a note has no certain order.
    }
  }
}

function note(message: AIMessage): void {
  const { response_metadata: metadata, tool_calls: toolCalls = [] } = message;
  // A model that repeats an earlier message may give the very object, which was
  // noted then and changed since.
  if (toolCalls.length < 2 || metadata[ORDER_NOTE] !== undefined) return;
  const shown = shownCalls(message);
  if (shown && writtenOrder(message, shown).knowledge === "unknown") return;
  const written: readonly ShownCall[] = shown?.calls ?? toolCalls;
  const calls = haveOwnIds(written)
    ? written.map(({ id, name }) => ({ id, name }))
    : written.map(withDigest);
  // Not in place: a model may give several messages the same metadata.
  message.response_metadata = { ...metadata, [ORDER_NOTE]: { calls } };
}

function withDigest(call: ShownCall) {
  const { id, name } = call;
  const digest = digestOfCall(call);
  return { ...(id != null && { id }), name, ...(digest && { digest }) };
}

function messagesIn(response: unknown): readonly AIMessage[] {
  if (typeof response !== "object" || response === null) return [];
  if (isMessage(response)) return [response];
  const { messages } = response as { readonly messages?: unknown };
  return Array.isArray(messages) ? messages.filter(isMessage) : [];
}

function isMessage(value: unknown): value is AIMessage {
  return isBaseMessage(value) && isAIMessage(value);
}
