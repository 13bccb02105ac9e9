import { chunksOf, partsOf, stem } from "./chunks.js";
import type { Leaf } from "./leaves.js";
import { takeDates } from "./take-dates.js";

const ESCAPE = /\\(?:u([\da-f]{4})|[nrtbf"\\/])/gi;
// The bounds keep the time linear for a hostile text.
const NUMBER =
  /(?<![\p{L}\p{N}_./]|[\p{L}\p{N}]-|\d:)(\d[\d,]{0,40}(?:\.\d{1,40})?)(?:[ckm]?m|[km]?g|[km]?l|km\/?h|lbs?|oz|mi|ft|h|hrs?|min|m?s|[kmgt]b|usd|eur|gbp)?(?![\p{L}\p{N}_]|[-:/.]\d)/gu;

/** A text in the form in which texts are compared: in lower case and in NFKC. */
export function normalize(text: string): string {
  const plain = text.includes("\\")
    ? text.replaceAll(ESCAPE, (_, code: string | undefined) =>
        code === undefined
          ? " "
          : String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text;
  // Most texts are ASCII, which this step would not change.
  const isAscii = !/[\u0080-\uffff]/.test(plain);
  return (isAscii ? plain : plain.normalize("NFKC")).toLowerCase();
}

/** The token of a number. Its sign doesn't count: debits are credits. */
export function numberToken(value: number): string {
  return `#${Math.abs(value)}`;
}

/** The token of a whole leaf. */
export function leafToken(value: Leaf["value"]): string {
  if (typeof value === "number") return numberToken(value);
  if (typeof value !== "string") return String(value);
  const text = normalize(value.slice(0, 100)).trim();
  return /^\d+$/.test(text) ? numberToken(Number(text)) : text;
}

/**
 * Finds the tokens of a text: all parts of it that a later argument may repeat.
 *
 * - numbers, as `#1234.5`, with any separator of thousands, with any zeros after
 *   the point, and with or without a unit;
 * - dates and times, see {@link takeDates};
 * - chunks without a space, in lower case, and their parts: `src/main.ts` is
 *   also `src`, `main.ts`, `main` and `ts`. A word loses the `s` of the plural.
 *
 * Escapes of JSON within the text count as the characters that they stand for.
 */
export function scanText(text: string, found: (token: string) => void): void {
  const rest = takeDates(normalize(text), found);
  for (const [, number = ""] of rest.matchAll(NUMBER)) {
    scanNumber(number, found);
  }
  for (const chunk of chunksOf(rest)) scanChunk(chunk, found);
}

function scanNumber(number: string, found: (token: string) => void): void {
  // "720,721" may be one number with a separator, or two numbers.
  if (/^\d{1,3}(?:,\d{3})+(?:\.\d+)?,?$/.test(number)) {
    found(numberToken(Number(number.replaceAll(",", ""))));
  }
  for (const one of number.split(",")) {
    if (one !== "") found(numberToken(Number(one)));
  }
}

function scanChunk(chunk: string, found: (token: string) => void): void {
  found(stem(chunk));
  if (/^[\p{L}\p{N}]+$/u.test(chunk)) return;
  for (const part of partsOf(chunk)) scanChunk(part, found);
}
