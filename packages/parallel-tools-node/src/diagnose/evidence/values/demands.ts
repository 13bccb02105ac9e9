import { chunksOf, partsOf, stem } from "./chunks.js";
import type { Leaf } from "./leaves.js";

import { normalize } from "./normalize.js";
import { numberToken } from "./number-token.js";
import { takeDates } from "./take-dates.js";

/**
 * Something in an argument that has to come from somewhere.
 *
 * - `exact`: where one of the tokens was seen first, it may have come from. With
 *   `parts`, it may also have been put together of them.
 * - `short`: a number that is found in many a text by chance.
 * - `common`: found by chance in nearly any text, so that only the name of its
 *   field tells where it may come from.
 * - `word`: one of several in a free text, which a model may put in its own way.
 */
export type Demand =
  | {
      readonly kind: "exact";
      readonly tokens: readonly string[];
      readonly parts: readonly Demand[];
      /** Of words alone: nothing new comes of putting them together. */
      readonly isOfWords: boolean;
    }
  | { readonly kind: "short"; readonly token: string }
  | {
      readonly kind: "common";
      readonly token: string;
      /** Yes, no, any and the like: nobody has to be told of them. */
      readonly isFlag: boolean;
    }
  | { readonly kind: "word"; readonly token: string };

/** Longer texts are looked at so far. */
const MAX_TEXT = 20_000;

const COMMON = new Set(
  "true false yes no none null undefined all any auto default asc desc on off and or not".split(
    " ",
  ),
);
const STOP_WORDS = new Set(
  "the a an of in on at to for from by with and or not is are was were be been has have had do does did what which who when where how that this these those it its as about into than then there their they i you we he she my your our".split(
    " ",
  ),
);
/** Where nothing was said of the time of a day. */
const WHOLE_DAY = new Set(["t:00:00", "t:23:59"]);

/** What an argument's value asks for. */
export function demandsOf({ value }: Leaf): Demand[] {
  if (typeof value === "number") return [numberDemand(value)];
  if (typeof value !== "string") {
    return [{ kind: "common", token: String(value), isFlag: true }];
  }
  const text = normalize(value.slice(0, MAX_TEXT)).trim();
  if (text.length <= 2 || COMMON.has(text)) return [commonDemand(text)];
  const demands: Demand[] = [];
  const days: string[] = [];
  const rest = takeDates(text, (token) => {
    if (/^[dm]:/.test(token)) days.push(token);
    else if (token.startsWith("t:") && !WHOLE_DAY.has(token)) {
      demands.push({
        kind: "exact",
        tokens: [token],
        parts: [],
        isOfWords: false,
      });
    }
  });
  demands.push(...dayDemands(days));
  const names = namesIn(value.slice(0, MAX_TEXT));
  const chunks = chunksOf(rest);
  const isAlone = chunks.length === 1 && days.length === 0;
  for (const chunk of chunks) {
    demands.push(chunkDemand(chunk, isAlone || names.has(chunk)));
  }
  return demands.filter(
    (demand) =>
      demand.kind !== "word" ||
      (demand.token.length > 2 && !STOP_WORDS.has(demand.token)),
  );
}

/** All tokens that an answer to the demand may be found by. */
export function tokensOf(demand: Demand): string[] {
  if (demand.kind !== "exact") return [demand.token];
  return [...demand.tokens, ...demand.parts.flatMap(tokensOf)];
}

function numberDemand(value: number): Demand {
  const token = numberToken(value);
  const digits = token.replaceAll(/\D/g, "").length;
  if (digits === 1) return { kind: "common", token, isFlag: false };
  if (digits <= 3) return { kind: "short", token };
  // Digits within an id are told as they stand there.
  const tokens = Number.isInteger(value) ? [token, token.slice(1)] : [token];
  return { kind: "exact", tokens, parts: [], isOfWords: false };
}

function commonDemand(text: string): Demand {
  const isDigits = /^\d+$/.test(text);
  if (isDigits) return numberDemand(Number(text));
  const isFlag = text === "" || COMMON.has(text);
  return { kind: "common", token: text, isFlag };
}

/** Words with a capital, but for the first: a model can't know them otherwise. */
function namesIn(text: string): Set<string> {
  const found = text.trim().matchAll(/(?<=\P{L})\p{Lu}[\p{L}'’-]{1,60}/gu);
  return new Set([...found].map(([name]) => normalize(name)));
}

/** A day of a year may have been said without the year. */
function dayDemands(tokens: readonly string[]): Demand[] {
  const full = tokens.filter((token) => /^d:\d{4}-/.test(token));
  const yearless = tokens.filter((token) => /^d:\d\d-\d\d$/.test(token));
  return [
    ...full.map((token) => [token, `d:${token.slice(-5)}`]),
    ...yearless.map((token) => [`m:${token.slice(-5)}`]),
  ].map((wanted) => ({
    kind: "exact" as const,
    tokens: wanted,
    parts: [],
    isOfWords: false,
  }));
}

/** @param isStrict a whole value, or a part of one, and no word of a text */
function chunkDemand(chunk: string, isStrict: boolean): Demand {
  const number = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^\d+(?:\.\d+)?$/.test(chunk)
    ? chunk.replaceAll(",", "")
    : undefined;
  // A number that begins with zeros is a name.
  if (number !== undefined && !/^0\d/.test(number)) {
    return numberDemand(Number(number));
  }
  const isWord = /^[\p{L}'’-]+$/u.test(chunk);
  if (isWord && !isStrict) return { kind: "word", token: stem(chunk) };
  return {
    kind: "exact",
    tokens: [stem(chunk)],
    parts: partsOf(chunk).map((part) => chunkDemand(part, true)),
    isOfWords: /^[\p{L}_-]+$/u.test(chunk),
  };
}
