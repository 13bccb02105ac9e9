import { ownField, ownText } from "../own-field.js";

const MAX_DEPTH = 8;
/** Types of blocks without a text. */
const WITHOUT_TEXT =
  /^(?:image|input_image|audio|input_audio|video|file|document)/;

/**
 * The text of a message's content, which may be a text, blocks of several
 * formats, or data. Images, audio and files have none.
 */
export function textOf(content: unknown, depth = 0): string {
  if (typeof content === "string") return content;
  if (content === undefined || content === null || depth > MAX_DEPTH) return "";
  if (Array.isArray(content)) {
    return content
      .map((block) => textOf(block, depth + 1))
      .filter((text) => text !== "")
      .join("\n");
  }
  if (typeof content !== "object") return String(content);
  const type = ownText(content, "type");
  if (type !== undefined && WITHOUT_TEXT.test(type)) return "";
  for (const name of ["text", "thinking", "refusal", "content", "summary"]) {
    const inner = ownField(content, name);
    if (inner !== undefined && inner !== null) return textOf(inner, depth + 1);
  }
  return jsonOf(ownField(content, "json") ?? content);
}

/** Data as JSON; empty for data that JSON can't hold. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}
