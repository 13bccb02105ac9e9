import type { ToolMessage } from "@langchain/core/messages";
import { jsonSource } from "../plan/references/json-source.js";
import {
  type JsonType,
  jsonTypeOf,
} from "../plan/references/parameter-types.js";
import { isPlainText } from "./run-tool.js";

/** What a parameter takes that takes data; many that take a text take null, too. */
const DATA_TYPES = ["object", "array", "number", "boolean"] as const;

/** The tokens that `quoteChangedNumbers` has to tell apart: escape, quote, number. */
const TOKEN = /\\.|"|-?\d[\d.eE+-]*/gs;

/** A number with so many digits may lose some as a JavaScript number. */
const LONG_NUMBER = /^-?\d{16,}(?:\.\d+)?$/;

/** A text with none of these has no number that `JSON.parse` would change. */
const MAY_BE_CHANGED = /\d{16}|[eE]\+?\d{3}/;

/**
 * What references to a call stand for: the content of its answer.
 *
 * - The content is a string, or one text block: a text, which is data as well if
 *   it is JSON. LangChain turns data that a tool returned into such a text.
 * - The content is several text blocks: their joined text. It isn't parsed, since
 *   a list that a server sends item by item must not become a number.
 * - The content has other blocks: the list of blocks, as data.
 *
 * The artifact is meant for the application, so references never see it.
 */
export class Output {
  /** As the tool gave it; `undefined`: it gave other content. */
  readonly text: string | undefined;
  /** The tool gave a text, and no data that has become one. */
  readonly #isPlain: boolean;
  readonly #read: () => unknown;
  #data: { readonly value: unknown } | undefined;

  private constructor(
    text: string | undefined,
    isPlain: boolean,
    read: () => unknown,
  ) {
    this.text = text;
    this.#isPlain = isPlain;
    this.#read = read;
  }

  /** @throws what `JSON.stringify` throws for blocks that JSON can't hold */
  static of(answer: ToolMessage): Output {
    const { content } = answer;
    const texts = typeof content === "string" ? [content] : textsOf(content);
    if (texts === undefined) {
      const data = asJson(content);
      return new Output(undefined, false, () => data);
    }
    const text = texts.join("");
    return texts.length > 1
      ? new Output(text, true, () => text)
      : new Output(text, isPlainText(answer), () => readJson(text));
  }

  /** The data; a text that isn't JSON is itself. */
  get data(): unknown {
    this.#data ??= { value: this.#read() };
    return this.#data.value;
  }

  /**
   * All of it, for a parameter that takes these types. A text goes in as it is
   * where a text is taken and data isn't. Where both are, an object or an array
   * is data; so is a number, a truth value or null that JSON would write as the
   * text has it: `42`, but not `1.10`.
   */
  valueFor(types: ReadonlySet<JsonType>): unknown {
    const { text } = this;
    if (text === undefined || !types.has("string")) return this.data;
    // Data of a large text is not read where it can't be wanted.
    if (this.#isPlain || !DATA_TYPES.some((type) => types.has(type))) {
      return text;
    }
    const { data } = this;
    const type = jsonTypeOf(data);
    if (!types.has(type)) return text;
    switch (type) {
      case "object":
      case "array":
        return data;
      case "number":
      case "boolean":
      case "null":
        return JSON.stringify(data) === text ? data : text;
      case "string":
        return text;
    }
  }

  /**
   * A part of it within a text: as the tool wrote it.
   *
   * @param path leads to the part
   * @param partOf gives the value of the part
   */
  textAt(path: readonly (string | number)[], partOf: () => unknown): string {
    const { text } = this;
    if (path.length === 0 && text !== undefined) return text;
    const value = partOf();
    if (typeof value === "string") return value;
    return text === undefined ? JSON.stringify(value) : jsonSource(text, path);
  }
}

/** The texts of content that has nothing else. */
function textsOf(content: unknown): string[] | undefined {
  // LangChain leaves an empty list that a tool gave as it is.
  if (!Array.isArray(content) || content.length === 0) return undefined;
  const texts: string[] = [];
  for (const block of content as Record<string, unknown>[]) {
    if (block["type"] !== "text" || typeof block["text"] !== "string") {
      return undefined;
    }
    texts.push(block["text"]);
  }
  return texts;
}

/** LangChain takes any list of objects with a `type` for content blocks. */
function asJson(content: unknown): unknown {
  return JSON.parse(JSON.stringify(content));
}

/**
 * The JSON value of a text, or the text itself if it isn't JSON. A number that
 * JavaScript can't hold becomes a string as it is written, at any depth: an
 * integer that would be rounded is probably an id, and a lost digit would make it
 * the id of another record; one beyond all numbers would be no JSON any more.
 */
export function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return MAY_BE_CHANGED.test(text)
      ? JSON.parse(quoteChangedNumbers(text))
      : value;
  } catch {
    return text;
  }
}

function quoteChangedNumbers(json: string): string {
  let isInString = false;
  return json.replaceAll(TOKEN, (token) => {
    if (token === '"') isInString = !isInString;
    const isChanged = !isInString && token !== '"' && isChangedNumber(token);
    return isChanged ? `"${token}"` : token;
  });
}

function isChangedNumber(token: string): boolean {
  const number = Number(token);
  return LONG_NUMBER.test(token)
    ? `${number}` !== token.replace(/\.0+$/, "")
    : Math.abs(number) === Number.POSITIVE_INFINITY;
}
