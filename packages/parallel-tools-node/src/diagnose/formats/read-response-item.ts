import { ownField, ownText } from "../own-field.js";
import { readArguments } from "./read-arguments.js";
import type { RecordedMessage } from "../recorded-conversation.js";
import { jsonOf, textOf } from "./text-of.js";

/** Tools that the provider defines and the application runs. */
const RUN_BY_APPLICATION =
  /^(computer|local_shell|shell|apply_patch)_call(_output)?$/;
const NO_WORDS = new Set([
  "item_reference",
  "mcp_list_tools",
  "mcp_approval_request",
  "mcp_approval_response",
  "compaction",
]);

/**
 * Reads an item of OpenAI's Responses API that is no `message`. A tool that the
 * provider runs itself (`web_search_call`, `mcp_call`) is told as text: no turn
 * was spent on it.
 *
 * @returns `"nothing"` for an item without words, `undefined` for what is no
 *   such item
 */
export function readResponseItem(
  item: object,
): RecordedMessage | "nothing" | undefined {
  const type = ownText(item, "type");
  if (type === undefined) return undefined;
  if (NO_WORDS.has(type)) return "nothing";
  const [, tool, isOutput] = RUN_BY_APPLICATION.exec(type) ?? [];
  if (tool !== undefined)
    return isOutput ? answered(item) : calledTool(item, tool);
  switch (type) {
    case "function_call":
    case "custom_tool_call":
      return calledTool(item, ownText(item, "name") ?? "");
    case "function_call_output":
    case "custom_tool_call_output":
      return answered(item);
    case "reasoning":
      return said(
        [ownField(item, "summary"), ownField(item, "content")]
          .map((part) => textOf(part))
          .join("\n"),
      );
    default:
      return type.endsWith("_call") || type.endsWith("_call_output")
        ? said(jsonOf(item))
        : undefined;
  }
}

function calledTool(item: object, name: string): RecordedMessage {
  const args =
    ownField(item, "arguments") ??
    ownField(item, "input") ??
    ownField(item, "action") ??
    ownField(item, "operation");
  const id = ownText(item, "call_id") ?? ownText(item, "id");
  return said("", [{ id, name, args: readArguments(args) }]);
}

function answered(item: object): RecordedMessage {
  const answer = {
    callId: ownText(item, "call_id"),
    text: textOf(ownField(item, "output")),
    hasFailed: false,
  };
  return { role: "tool", text: "", calls: [], answers: [answer] };
}

function said(
  text: string,
  calls: RecordedMessage["calls"] = [],
): RecordedMessage {
  return { role: "model", text, calls, answers: [] };
}
