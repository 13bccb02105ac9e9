import { ownField, ownText } from "../own-field.js";
import { readArguments } from "./read-arguments.js";
import type { RecordedAnswer, RecordedCall } from "../recorded-conversation.js";
import { textOf } from "./text-of.js";

/** What the content of a message is made of. */
export interface Blocks {
  readonly text: string;
  readonly calls: RecordedCall[];
  readonly answers: RecordedAnswer[];
}

/**
 * Takes content apart: Anthropic puts calls (`tool_use`) and answers
 * (`tool_result`) among the blocks of text. Tools that the provider runs itself
 * (`server_tool_use`) are told as text: no turn was spent on them.
 */
export function readBlocks(content: unknown): Blocks {
  if (!Array.isArray(content)) {
    return { text: textOf(content), calls: [], answers: [] };
  }
  const words: unknown[] = [];
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
      words.push(block);
    }
  }
  return { text: textOf(words), calls, answers };
}
