import { ownField, ownText } from "../own-field.js";
import { readBlocks } from "./read-blocks.js";
import { readChatCalls } from "./read-chat-calls.js";
import { readLangchainMessage } from "./read-langchain-message.js";
import { readResponseItem } from "./read-response-item.js";
import { readMessageTime } from "./read-time.js";
import type { RecordedMessage } from "../recorded-conversation.js";
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
 * Reads a message in whatever format it is: OpenAI chat, an item of OpenAI
 * Responses, Anthropic, LangChain.
 *
 * @returns `"nothing"` for what is known to say nothing, `undefined` for what is
 *   no message
 */
export function readMessage(
  value: unknown,
): RecordedMessage | "nothing" | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return undefined;
  }
  // A message of LangChain may hold a role besides, so it goes first.
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
  const own = readChatCalls(value);
  return {
    // What holds answers and not a word is no word of the user.
    role: answers.length > 0 && text.trim() === "" ? "tool" : role,
    text,
    calls: role === "model" ? (own.length > 0 ? own : calls) : [],
    answers,
    atMs,
  };
}
