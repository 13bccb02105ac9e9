import { ownField, ownList, ownText } from "../own-field.js";
import type { RecordedCall } from "../recorded-conversation.js";

/**
 * Reads the calls of a message in the form of OpenAI's chat API (`function`,
 * `custom`, and the deprecated `function_call`) or of LangChain (`args`).
 */
export function readCalls(message: unknown): RecordedCall[] {
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

/** Reads arguments: a text is parsed if it is JSON, otherwise it stays a text. */
export function readArguments(args: unknown): unknown {
  if (typeof args !== "string") return args ?? {};
  if (args.trim() === "") return {};
  try {
    return JSON.parse(args) as unknown;
  } catch {
    // A model may write broken JSON. Its values can still be found in the text.
    return args;
  }
}
