import type { ToolMessage } from "@langchain/core/messages";
import { isPlainText } from "./run-tool.js";

/** The tokens that `quoteLongIntegers` has to tell apart: escape, quote, number. */
const TOKEN = /\\.|"|-?\d[\d.eE+-]*/gs;

/** Integers of 16 digits or more may lose digits as a JavaScript number. */
const LONG_INTEGER = /^-?\d{16,}$/;

/**
 * The value that a reference to a call stands for, as JSON data:
 *
 * - The tool returned a string: that string.
 * - The content is a string: its JSON value, or the string if it isn't JSON.
 * - The content is one text block: the same, for the text of the block.
 * - The content is several text blocks: their texts, joined. They aren't parsed,
 *   since a list that a server sends item by item must not become a number.
 * - The content has other blocks: the list of blocks.
 *
 * The artifact is meant for the application, so references never see it.
 *
 * @throws what `JSON.stringify` throws for blocks that JSON can't hold
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

/**
 * The JSON value of a text, or the text itself if it isn't JSON. An integer that
 * a JavaScript number would round becomes a string of its digits, at any depth:
 * it is probably an id, and a lost digit would make it the id of another record.
 */
export function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return /\d{16}/.test(text) ? JSON.parse(quoteLongIntegers(text)) : value;
  } catch {
    return text;
  }
}

function quoteLongIntegers(json: string): string {
  let isInString = false;
  return json.replaceAll(TOKEN, (token) => {
    if (token === '"') isInString = !isInString;
    const isRounded =
      !isInString && LONG_INTEGER.test(token) && `${Number(token)}` !== token;
    return isRounded ? `"${token}"` : token;
  });
}
