import { chunksOf, partsOf, stem } from "./chunks.js";
import { normalize } from "./normalize.js";
import { numberToken } from "./number-token.js";
import { takeDates } from "./take-dates.js";

// The bounds keep a hostile text from being looked at once per character.
const NUMBER =
  /(?<![\p{L}\p{N}_./]|[\p{L}\p{N}]-|\d:)(\d[\d,]{0,40}(?:\.\d{1,40})?)(?:[ckm]?m|[km]?g|[km]?l|km\/?h|lbs?|oz|mi|ft|h|hrs?|min|m?s|[kmgt]b|usd|eur|gbp)?(?![\p{L}\p{N}_]|[-:/.]\d)/gu;

/**
 * Tells of all that a text holds and that could be used again:
 *
 * - numbers, as `#1234.5`, whatever separates thousands, however many zeros
 *   stand behind the point, and with a unit or without;
 * - dates and times, see {@link takeDates};
 * - chunks without a space, in lower case, and what they are made of:
 *   `src/main.ts` is also `src`, `main.ts`, `main` and `ts`. A word is told
 *   without the `s` of the plural.
 *
 * Escapes of JSON within the text count as what they stand for.
 */
export function scanText(text: string, found: (token: string) => void): void {
  const rest = takeDates(normalize(text), found);
  for (const [, number = ""] of rest.matchAll(NUMBER)) {
    tellNumber(number, found);
  }
  for (const chunk of chunksOf(rest)) tellChunk(chunk, found);
}

function tellNumber(number: string, found: (token: string) => void): void {
  // "720,721" is a number with separators, or two without a space between.
  if (/^\d{1,3}(?:,\d{3})+(?:\.\d+)?,?$/.test(number)) {
    found(numberToken(Number(number.replaceAll(",", ""))));
  }
  for (const one of number.split(",")) {
    if (one !== "") found(numberToken(Number(one)));
  }
}

function tellChunk(chunk: string, found: (token: string) => void): void {
  found(stem(chunk));
  if (/^[\p{L}\p{N}]+$/u.test(chunk)) return;
  for (const part of partsOf(chunk)) tellChunk(part, found);
}
