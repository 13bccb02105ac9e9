import { describeValue } from "../../errors/describe-value.js";
import { UnreadableConversationError } from "../../errors/unreadable-conversation-error.js";
import { ownField, ownText } from "../own-field.js";
import type { RecordedMessage } from "../recorded-conversation.js";
import { readBlocks } from "./read-blocks.js";
import { readCalls } from "./read-calls.js";
import { readLangchainMessage } from "./read-langchain-message.js";
import { readResponseItem } from "./read-response-item.js";
import { readMessageTime } from "./read-time.js";
import { textOf } from "./text-of.js";

const ROLES = new Map<string, RecordedMessage["role"]>([
  ["system", "system"],
  ["developer", "system"],
  ["user", "user"],
  ["human", "user"],
  ["assistant", "model"],
  ["ai", "model"],
  ["tool", "tool"],
  ["function", "tool"],
]);

/**
 * Reads a list that has to hold messages and nothing else.
 *
 * @param place where the list stands, as an error names it; may be empty
 * @throws UnreadableConversationError an entry is no message
 */
export function readMessages(
  list: readonly unknown[],
  place: string,
): RecordedMessage[] {
  return list.flatMap((value, index) => {
    const message = readMessage(value);
    if (message === undefined) {
      const prefix = place === "" ? "" : `${place}, `;
      throw notAMessage(`${prefix}message ${index}`, value);
    }
    return message === "nothing" ? [] : message;
  });
}

/**
 * Reads a message in any of the formats: OpenAI chat, an item of OpenAI
 * Responses, Anthropic, LangChain.
 *
 * @returns `"nothing"` for a message that holds neither text nor calls nor
 *   answers, `undefined` for a value that is no message
 */
export function readMessage(
  value: unknown,
): RecordedMessage | "nothing" | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return undefined;
  }
  // A message of LangChain may hold a role, too, so LangChain is tried first.
  return (
    readLangchainMessage(value) ??
    readRoleMessage(value) ??
    readResponseItem(value)
  );
}

function readRoleMessage(value: object): RecordedMessage | undefined {
  const role = ROLES.get(ownText(value, "role") ?? "");
  if (role === undefined) return undefined;
  const atMs = readMessageTime(value);
  const content = ownField(value, "content");
  if (role === "tool") {
    const answer = {
      callId: ownText(value, "tool_call_id"),
      text: textOf(content),
      hasFailed: ownText(value, "status") === "error",
    };
    return { role, text: "", calls: [], answers: [answer], atMs };
  }
  const { text, calls, answers } = readBlocks(content);
  const own = readCalls(value);
  return {
    // Anthropic sends answers as the user: without a text, no user spoke.
    role: answers.length > 0 && text.trim() === "" ? "tool" : role,
    text,
    calls: role === "model" ? (own.length > 0 ? own : calls) : [],
    answers,
    atMs,
  };
}

/** The error for a value that stands in place of a message or conversation. */
export function notAMessage(
  place: string,
  value: unknown,
): UnreadableConversationError {
  return new UnreadableConversationError(
    place,
    `expected a message or a conversation, got ${describeValue(value)}`,
    "Known are messages of LangChain, OpenAI (chat and Responses) and Anthropic, runs of LangSmith and tau-bench's conversations.",
  );
}
