import type { ToolMessage } from "@langchain/core/messages";
import { readJson } from "./read-json.js";
import { isPlainText } from "./run-tool.js";

/**
 * What a reference to a call stands for, as data that JSON has. A string that
 * the tool gave to the node is that string. The content of a message, which is
 * all that most tools leave, is read as JSON if it is JSON, and is a text
 * otherwise. So is that of one text block; several are one text, read no
 * further: a list that a server sends item by item must not become a number. If
 * other blocks are among them, it is the list of blocks. An artifact is for the
 * application: it is not here.
 *
 * @throws what `JSON.stringify` throws for blocks that are no JSON
 */
export function outputOf(answer: ToolMessage): unknown {
  const { content } = answer;
  if (typeof content === "string") {
    return isPlainText(answer) ? content : readJson(content);
  }
  // LangChain leaves an empty list that a tool gave as it is.
  if (!Array.isArray(content) || content.length === 0) return asJson(content);
  const texts: string[] = [];
  for (const block of content) {
    if (block.type !== "text" || typeof block["text"] !== "string") {
      return asJson(content);
    }
    texts.push(block["text"]);
  }
  const [first = ""] = texts;
  return texts.length === 1 ? readJson(first) : texts.join("");
}

/** LangChain takes any list of objects with a `type` for content blocks. */
function asJson(content: unknown): unknown {
  return JSON.parse(JSON.stringify(content));
}
