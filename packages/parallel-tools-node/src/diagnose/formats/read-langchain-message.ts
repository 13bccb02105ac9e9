import { ownField, ownList, ownText } from "../own-field.js";
import type { RecordedMessage } from "../recorded-conversation.js";
import { readBlocks } from "./read-blocks.js";
import { readCalls } from "./read-calls.js";
import { readMessageTime } from "./read-time.js";
import { textOf } from "./text-of.js";

const ROLES = new Map<string, RecordedMessage["role"]>([
  ["human", "user"],
  ["ai", "model"],
  ["system", "system"],
  ["developer", "system"],
  ["tool", "tool"],
  ["function", "tool"],
]);

/** By the `role` of a `ChatMessage`. Any other role is a user. */
const CHAT_ROLES = new Map<string, RecordedMessage["role"]>([
  ["assistant", "model"],
  ["ai", "model"],
  ["system", "system"],
  ["developer", "system"],
]);

/**
 * Reads a message of LangChain in any of its forms: serialized (`{ lc: 1,
 * id: [..., "AIMessage"], kwargs }`), stored (`{ type: "ai", data }`), plain
 * (`{ type: "ai", content }`), or an instance.
 *
 * @returns `"nothing"` for a `RemoveMessage`, `undefined` for a value that is no
 *   message of LangChain
 */
export function readLangchainMessage(
  value: object,
): RecordedMessage | "nothing" | undefined {
  const [type, fields] = typeAndFields(value);
  if (type === undefined) return undefined;
  if (type === "remove") return "nothing";
  const isChat = type === "chat" || type === "generic";
  const role = isChat
    ? (CHAT_ROLES.get(ownText(fields, "role") ?? "") ?? "user")
    : ROLES.get(type);
  if (role === undefined || typeof fields !== "object" || fields === null) {
    return undefined;
  }
  const content = ownField(fields, "content");
  if (content === undefined) return undefined;
  const atMs = readMessageTime(fields);
  if (role === "tool") {
    const answer = {
      callId: ownText(fields, "tool_call_id"),
      text: textOf(content),
      hasFailed: ownText(fields, "status") === "error",
    };
    return { role, text: "", calls: [], answers: [answer], atMs };
  }
  const blocks = readBlocks(content);
  return {
    role,
    text: blocks.text,
    calls: role === "model" ? callsOf(fields, blocks.calls) : [],
    answers: blocks.answers,
    atMs,
  };
}

/** Calls may be recorded several times: the best parsed ones are taken. */
function callsOf(fields: object, inContent: RecordedMessage["calls"]) {
  const own = readCalls(fields);
  if (own.length > 0) return own;
  const given = readCalls(ownField(fields, "additional_kwargs"));
  return given.length > 0 ? given : inContent;
}

function typeAndFields(value: object): [string | undefined, unknown] {
  if (ownText(value, "type") === "constructor") {
    const name = ownList(value, "id")?.at(-1);
    if (typeof name !== "string") return [undefined, undefined];
    const [, kind] = /^([A-Z][a-z]*|AI)Message(?:Chunk)?$/.exec(name) ?? [];
    return [kind?.toLowerCase(), ownField(value, "kwargs")];
  }
  const type = ownText(value, "type");
  if (type === undefined) return [undefined, undefined];
  const data = ownField(value, "data");
  const isStored = typeof data === "object" && data !== null;
  // The name of a chunk in the API of LangGraph's server.
  const kind = /^(AI|Human|System|Tool)MessageChunk$/.exec(type)?.[1];
  return [kind?.toLowerCase() ?? type, isStored ? data : value];
}
