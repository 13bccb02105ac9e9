import type { ToolMessage } from "@langchain/core/messages";
import { isPlainText } from "./run-tool.js";

/**
 * What a reference to a call stands for, as data that JSON has. A string that
 * the tool gave to the node is that string. The content of a message, which is
 * all that most tools leave, is read as JSON if it is JSON, and is a text
 * otherwise. Of content blocks the texts count as one; if others are among
 * them, the list of blocks. An artifact is for the application: it is not here.
 */
export function outputOf(answer: ToolMessage): unknown {
  const { content } = answer;
  if (typeof content === "string") {
    return isPlainText(answer) ? content : fromJson(content);
  }
  // LangChain leaves an empty list that a tool gave as it is.
  if (!Array.isArray(content) || content.length === 0) return content;
  const texts: string[] = [];
  for (const block of content) {
    if (block.type !== "text" || typeof block["text"] !== "string") {
      return structuredClone(content);
    }
    texts.push(block["text"]);
  }
  return fromJson(texts.join(""));
}

/** An integer that a number can't hold is a text: an id, most likely. */
function fromJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return Number.isInteger(value) && !Number.isSafeInteger(value)
      ? text
      : value;
  } catch {
    return text;
  }
}
