import { ownField, ownText } from "../own-field.js";
import type { RecordedAnswer, RecordedCall } from "../recorded-conversation.js";
import { readArguments } from "./read-calls.js";
import { textOf } from "./text-of.js";

/** The parts of a message's content. */
export interface Blocks {
  readonly text: string;
  readonly calls: RecordedCall[];
  readonly answers: RecordedAnswer[];
}

/**
 * Splits content into text, calls and answers: Anthropic puts calls (`tool_use`)
 * and answers (`tool_result`) among the blocks of text. Calls that the provider
 * runs itself (`server_tool_use`) count as text, since they take no turn.
 */
export function readBlocks(content: unknown): Blocks {
  if (!Array.isArray(content)) {
    return { text: textOf(content), calls: [], answers: [] };
  }
  const rest: unknown[] = [];
  const calls: RecordedCall[] = [];
  const answers: RecordedAnswer[] = [];
  for (const block of content as unknown[]) {
    const type = ownText(block, "type");
    if (type === "tool_use" || type === "tool_call") {
      calls.push({
        id: ownText(block, "id"),
        name: ownText(block, "name") ?? "",
        args: readArguments(
          ownField(block, "input") ?? ownField(block, "args"),
        ),
      });
    } else if (type === "tool_result") {
      answers.push({
        callId: ownText(block, "tool_use_id"),
        text: textOf(ownField(block, "content")),
        hasFailed: ownField(block, "is_error") === true,
      });
    } else {
      rest.push(block);
    }
  }
  return { text: textOf(rest), calls, answers };
}
