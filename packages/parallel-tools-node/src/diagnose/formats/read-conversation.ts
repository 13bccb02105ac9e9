import { ownField, ownList } from "../own-field.js";
import { readMessages } from "./read-messages.js";
import type {
  RecordedConversation,
  RecordedMessage,
} from "../recorded-conversation.js";
import { jsonOf, textOf } from "./text-of.js";

/** Fields that hold the messages of a record, in its several formats. */
const LISTS = ["messages", "traj", "items"];
/** Fields that hold the record of a request, of its answer, or of a state. */
const WRAPPERS = ["request", "body", "values"];

/**
 * Reads a conversation: a list of messages, or a record that holds one. What a
 * request says besides (`system`, `instructions`, `tools`) counts as said
 * before all messages.
 *
 * @param place where the record stands, as an error names it; may be empty
 * @returns `undefined` if nothing in the record looks like a list of messages
 * @throws UnreadableConversationError what stands in the list is no message
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

/** What the model answered, where it stands beside the request's messages. */
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
