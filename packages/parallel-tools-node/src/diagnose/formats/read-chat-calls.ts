import { ownField, ownList, ownText } from "../own-field.js";
import { readArguments } from "./read-arguments.js";
import type { RecordedCall } from "../recorded-conversation.js";

/**
 * The calls of a message in the form of OpenAI's chat API (`function`,
 * `custom`, and the single `function_call` of old) or of LangChain (`args`).
 */
export function readChatCalls(message: unknown): RecordedCall[] {
  const calls = (ownList(message, "tool_calls") ?? []).map(readCall);
  if (calls.length > 0) return calls;
  const single = ownField(message, "function_call");
  if (typeof single !== "object" || single === null) return [];
  return [readCall({ function: single })];
}

function readCall(call: unknown): RecordedCall {
  const inner = ownField(call, "function") ?? ownField(call, "custom") ?? call;
  return {
    id: ownText(call, "id"),
    name: ownText(inner, "name") ?? "",
    args: readArguments(
      ownField(inner, "arguments") ??
        ownField(inner, "args") ??
        ownField(inner, "input"),
    ),
  };
}
