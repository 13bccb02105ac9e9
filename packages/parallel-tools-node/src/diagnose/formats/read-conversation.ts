import { ownField, ownList } from "../own-field.js";
import type {
  RecordedConversation,
  RecordedMessage,
} from "../recorded-conversation.js";
import { readMessages } from "./read-message.js";
import { jsonOf, textOf } from "./text-of.js";

/** Fields of a record that hold its messages, in the several formats. */
const LISTS = ["messages", "traj", "items"];
/** Fields of a record that may hold another record with the messages. */
const WRAPPERS = ["request", "body", "values"];

/**
 * Reads a conversation: a list of messages, or a record that holds one. Other
 * texts of a request (`system`, `instructions`, `tools`) become system messages
 * before all others.
 *
 * @param place where the record stands, as an error names it; may be empty
 * @returns `undefined` if the record holds no list of messages
 * @throws UnreadableConversationError an entry of the list is no message
 */
export function readConversation(
  record: unknown,
  place: string,
): RecordedConversation | undefined {
  const request = unwrap(record);
  const list = messagesOf(request);
  if (list === undefined) return undefined;
  const given = ["system", "instructions"]
    .map((name) => textOf(ownField(request, name)))
    .concat(jsonOf(ownField(request, "tools")))
    .filter((text) => text !== "")
    .map((text): RecordedMessage => {
      return { role: "system", text, calls: [], answers: [] };
    });
  const messages = readMessages([...list, ...answerOf(record, request)], place);
  return {
    place,
    messages: [...given, ...messages],
    forbidsParallel:
      ownField(request, "parallel_tool_calls") === false ||
      ownField(
        ownField(request, "tool_choice"),
        "disable_parallel_tool_use",
      ) === true,
  };
}

function unwrap(record: unknown): unknown {
  if (messagesOf(record) !== undefined) return record;
  for (const name of WRAPPERS) {
    const inner = ownField(record, name);
    if (messagesOf(inner) !== undefined) return inner;
  }
  return record;
}

function messagesOf(record: unknown): readonly unknown[] | undefined {
  if (Array.isArray(record)) return record;
  for (const name of LISTS) {
    const list = ownList(record, name);
    if (list !== undefined) return list;
  }
  if (ownField(record, "object") === "list") return ownList(record, "data");
  // A response of OpenAI's Responses API, with or without its input.
  const input = ownField(record, "input");
  const output = ownList(record, "output");
  if (Array.isArray(input)) return [...input, ...(output ?? [])];
  if (output === undefined) return undefined;
  return typeof input === "string"
    ? [{ role: "user", content: input }, ...output]
    : output;
}

/** The model's answer, where it is recorded beside the request. */
function answerOf(record: unknown, request: unknown): readonly unknown[] {
  for (const holder of [record, ownField(record, "response")]) {
    const choice = ownField(ownList(holder, "choices")?.[0], "message");
    if (choice !== undefined) return [choice];
  }
  const response = ownField(record, "response");
  if (response === undefined || record === request) return [];
  const output = ownList(response, "output");
  if (output !== undefined) return output;
  return ownField(response, "role") === undefined ? [] : [response];
}
