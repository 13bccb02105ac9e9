import { UnreadableConversationError } from "../../errors/unreadable-conversation-error.js";
import { findJsonError } from "./find-json-error.js";

/** In characters, of one value. */
const MAX_LENGTH = 64_000_000;
/** Deeper values would overflow the stack of a recursive reader. */
const MAX_DEPTH = 500;

/** One value of a text of JSON. */
export interface JsonPiece {
  readonly value: unknown;
  /** Where it begins, from 1. */
  readonly line: number;
  readonly column: number;
  /** Its length in characters. */
  readonly length: number;
  /** The array of the text that it is an element of; `undefined`: none. */
  readonly array: number | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const COMMA = 0x2c;
/** With the byte order mark that some editors put before a text. */
const WHITESPACE = new Set([0x20, NEWLINE, 0x0d, 0x09, 0xfeff]);

/**
 * Splits a text into values while it arrives: JSON Lines, values one after
 * another, or an array. The elements of an array are returned one by one, so
 * that only one of them is in memory.
 *
 * States: between values (`#depth` is 0), within a value, within a string of a
 * value, after a backslash in that string.
 */
export class JsonSplitter {
  readonly #source: string;
  #line = 1;
  /** Length of the text before the current line. */
  #lineStart = 0;
  /** Length of the text before the current chunk. */
  #offset = 0;
  #array: number | undefined;
  #arrays = 0;
  /** Open brackets of the current value. */
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** In an array, after an element: a comma or the end has to follow. */
  #isCommaDue = false;
  /** In an array, after a comma: an element has to follow. */
  #isElementDue = false;
  #parts: string[] = [];
  #partsLength = 0;
  #start = { line: 1, column: 1 };

  /** @param source the name of the text in errors */
  constructor(source: string) {
    this.#source = source;
  }

  /** @throws UnreadableConversationError */
  *push(chunk: string): Generator<JsonPiece> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const code = chunk.charCodeAt(at);
      if (code === NEWLINE) {
        this.#line += 1;
        this.#lineStart = this.#offset + at + 1;
      }
      if (this.#depth === 0) {
        if (!this.#opensValue(code, at)) continue;
        from = at;
      } else if (this.#closesValue(code, at)) {
        yield this.#take(chunk.slice(from, at + 1));
      }
    }
    if (this.#depth > 0) this.#keep(chunk.slice(from));
    this.#offset += chunk.length;
  }

  /** @throws UnreadableConversationError the text has ended too soon */
  end(): void {
    if (this.#depth === 0 && this.#array === undefined) return;
    const { line, column } = this.#start;
    throw this.#error(
      `${this.#place(line, column)}`,
      this.#depth > 0
        ? "the text ends within the value that begins here"
        : "the text ends within the array that this value is in",
    );
  }

  #opensValue(code: number, at: number): boolean {
    if (WHITESPACE.has(code)) return false;
    const isInArray = this.#array !== undefined;
    if (isInArray && this.#isCommaDue) {
      if (code === COMMA) {
        this.#isCommaDue = false;
        this.#isElementDue = true;
        return false;
      }
      if (code !== 0x5d) throw this.#unexpected(code, at, "`,` or `]`");
    }
    if (isInArray && code === 0x5d && !this.#isElementDue) {
      this.#array = undefined;
      return false;
    }
    if (code === 0x5b && !isInArray) {
      this.#array = this.#arrays;
      this.#arrays += 1;
      this.#isCommaDue = false;
      this.#isElementDue = false;
      this.#start = this.#position(at);
      return false;
    }
    if (code !== 0x7b && code !== 0x5b) {
      throw this.#unexpected(
        code,
        at,
        isInArray ? "`{` or `[`" : "JSON that begins with `{` or `[`",
      );
    }
    this.#depth = 1;
    this.#start = this.#position(at);
    return true;
  }

  #closesValue(code: number, at: number): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (code === BACKSLASH) this.#isEscaped = true;
      else if (code === QUOTE) this.#isInString = false;
      return false;
    }
    if (code === QUOTE) this.#isInString = true;
    else if (code === 0x7b || code === 0x5b) {
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH) {
        const { line, column } = this.#position(at);
        throw this.#error(
          this.#place(line, column),
          `a value is nested more than ${MAX_DEPTH} deep`,
        );
      }
    } else if (code === 0x7d || code === 0x5d) this.#depth -= 1;
    return this.#depth === 0;
  }

  #keep(part: string): void {
    this.#parts.push(part);
    this.#partsLength += part.length;
    if (this.#partsLength <= MAX_LENGTH) return;
    const { line, column } = this.#start;
    throw this.#error(
      this.#place(line, column),
      `the value that begins here is longer than ${MAX_LENGTH} characters`,
    );
  }

  #take(part: string): JsonPiece {
    const text =
      this.#parts.length === 0 ? part : [...this.#parts, part].join("");
    this.#parts = [];
    this.#partsLength = 0;
    this.#isCommaDue = true;
    this.#isElementDue = false;
    const { line, column } = this.#start;
    return {
      value: this.#parse(text),
      line,
      column,
      length: text.length,
      array: this.#array,
    };
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      const before = text.slice(0, placeOfError(text)).split("\n");
      const { line, column } = this.#start;
      throw this.#error(
        this.#place(
          line + before.length - 1,
          (before.length === 1 ? column : 1) + (before.at(-1) ?? "").length,
        ),
        "broken JSON",
        error,
      );
    }
  }

  #unexpected(code: number, at: number, expected: string) {
    const { line, column } = this.#position(at);
    const isText = code > 0x20 && code !== 0xfffd;
    const got = isText
      ? `\`${String.fromCharCode(code)}\``
      : `the character U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
    return this.#error(
      this.#place(line, column),
      `expected ${expected}, got ${got}`,
    );
  }

  #position(at: number): { line: number; column: number } {
    return {
      line: this.#line,
      column: this.#offset + at - this.#lineStart + 1,
    };
  }

  #place(line: number, column: number): string {
    return `${this.#source}, line ${line}, column ${column}`;
  }

  #error(place: string, problem: string, cause?: unknown) {
    return new UnreadableConversationError(
      place,
      problem,
      "Expected JSON Lines, or one JSON array of conversations, messages or runs.",
      cause,
    );
  }
}

function placeOfError(text: string): number {
  try {
    return findJsonError(text);
  } catch {
    // The pattern gave up on a long text: the error names its beginning.
    return 0;
  }
}
