import { ownField, ownText } from "../own-field.js";
import type { RecordedMessage } from "../recorded-conversation.js";
import { readArguments } from "./read-calls.js";
import { jsonOf, textOf } from "./text-of.js";

/** Calls of tools that the provider defines and the application runs. */
const RUN_BY_APPLICATION =
  /^(computer|local_shell|shell|apply_patch)_call(_output)?$/;
/** Items that say nothing. */
const EMPTY_ITEMS = new Set([
  "item_reference",
  "mcp_list_tools",
  "mcp_approval_request",
  "mcp_approval_response",
  "compaction",
]);

/**
 * Reads an item of OpenAI's Responses API that is no `message`. A call that the
 * provider runs itself (`web_search_call`, `mcp_call`) counts as text, since it
 * takes no turn.
 *
 * @returns `"nothing"` for an item that says nothing, `undefined` for a value
 *   that is no such item
 */
export function readResponseItem(
  item: object,
): RecordedMessage | "nothing" | undefined {
  const type = ownText(item, "type");
  if (type === undefined) return undefined;
  if (EMPTY_ITEMS.has(type)) return "nothing";
  const [, tool, isOutput] = RUN_BY_APPLICATION.exec(type) ?? [];
  if (tool !== undefined)
    return isOutput ? answerMessage(item) : callMessage(item, tool);
  switch (type) {
    case "function_call":
    case "custom_tool_call":
      return callMessage(item, ownText(item, "name") ?? "");
    case "function_call_output":
    case "custom_tool_call_output":
      return answerMessage(item);
    case "reasoning":
      return modelMessage(
        [ownField(item, "summary"), ownField(item, "content")]
          .map((part) => textOf(part))
          .join("\n"),
      );
    default:
      return type.endsWith("_call") || type.endsWith("_call_output")
        ? modelMessage(jsonOf(item))
        : undefined;
  }
}

function callMessage(item: object, name: string): RecordedMessage {
  const args =
    ownField(item, "arguments") ??
    ownField(item, "input") ??
    ownField(item, "action") ??
    ownField(item, "operation");
  const id = ownText(item, "call_id") ?? ownText(item, "id");
  return modelMessage("", [{ id, name, args: readArguments(args) }]);
}

function answerMessage(item: object): RecordedMessage {
  const answer = {
    callId: ownText(item, "call_id"),
    text: textOf(ownField(item, "output")),
    hasFailed: false,
  };
  return { role: "tool", text: "", calls: [], answers: [answer] };
}

function modelMessage(
  text: string,
  calls: RecordedMessage["calls"] = [],
): RecordedMessage {
  return { role: "model", text, calls, answers: [] };
}
