import { ToolMessage } from "@langchain/core/messages";
import { isCommand } from "@langchain/langgraph";
import { outputCut } from "../answers/tool-output.js";
import { type Answer, isOwnText } from "./run-tool.js";

type Block = Exclude<ToolMessage["content"], string>[number];

/** A cut content, and how much of it was left out. */
interface Cut {
  readonly content: string | Block[];
  readonly omittedBytes: number;
}

/** Marks an answer as cut. The mark is saved in checkpoints, too. */
const MARK = "parallel-tools-node";

/**
 * Cuts the content of an answer to `maxBytes` and adds a note for the model. Text
 * is cut between characters; any other content block stays whole or is left out.
 * An answer that is small enough is returned unchanged.
 */
export function cutOutput(answer: Answer, maxBytes: number): Answer {
  if (isCommand(answer) || isOwnText(answer)) return answer;
  const { content } = answer;
  const cut =
    typeof content === "string"
      ? cutText(content, maxBytes)
      : cutBlocks(content, maxBytes);
  if (cut === undefined) return answer;
  const { id, artifact, status, name, metadata } = answer;
  const { omittedBytes } = cut;
  return new ToolMessage({
    content: cut.content,
    artifact,
    ...(id !== undefined && { id }),
    ...(status !== undefined && { status }),
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    additional_kwargs: answer.additional_kwargs,
    response_metadata: {
      ...answer.response_metadata,
      [MARK]: { omittedBytes },
    },
    tool_call_id: answer.tool_call_id,
  });
}

/** Whether `cutOutput` has cut this answer. */
export function isCut({ response_metadata }: ToolMessage): boolean {
  return response_metadata !== undefined && MARK in response_metadata;
}

function cutText(text: string, maxBytes: number): Cut | undefined {
  // Skips counting: a UTF-16 unit takes at most three bytes of UTF-8.
  if (text.length * 3 <= maxBytes) return undefined;
  const totalBytes = Buffer.byteLength(text);
  if (totalBytes <= maxBytes) return undefined;
  const kept = firstBytes(text, maxBytes);
  const omittedBytes = totalBytes - Buffer.byteLength(kept);
  const content = `${kept}\n${outputCut(omittedBytes, totalBytes)}`;
  return { content, omittedBytes };
}

function cutBlocks(
  blocks: readonly Block[],
  maxBytes: number,
): Cut | undefined {
  const kept: Block[] = [];
  let room = maxBytes;
  let totalBytes = 0;
  for (const block of blocks) {
    const bytes = sizeOf(block);
    totalBytes += bytes;
    if (bytes <= room) {
      kept.push(block);
      room -= bytes;
    } else if (isText(block) && room > 0) {
      kept.push({ ...block, text: firstBytes(block.text, room) });
      room = 0;
    }
  }
  if (totalBytes <= maxBytes) return undefined;
  const keptBytes = kept.reduce((sum, block) => sum + sizeOf(block), 0);
  const omittedBytes = totalBytes - keptBytes;
  kept.push({ type: "text", text: outputCut(omittedBytes, totalBytes) });
  return { content: kept, omittedBytes };
}

/** The bytes of a text or of another block's JSON; 0 if JSON can't hold it. */
function sizeOf(block: Block): number {
  if (isText(block)) return Buffer.byteLength(block.text);
  try {
    return Buffer.byteLength(JSON.stringify(block));
  } catch {
    return 0;
  }
}

function isText(block: Block): block is Block & { text: string } {
  return block.type === "text" && typeof block["text"] === "string";
}

/** As much of a text as fits, without half a character at its end. */
function firstBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text.slice(0, maxBytes));
  let end = Math.min(maxBytes, bytes.length);
  // A byte 10xxxxxx continues a character, so the cut can't be before it.
  while (end > 0 && (bytes[end]! & 0b1100_0000) === 0b1000_0000) end -= 1;
  return bytes.toString("utf8", 0, end);
}
