import { chunksOf, partsOf, stem } from "./chunks.js";
import type { Leaf } from "./leaves.js";
import { takeDates } from "./take-dates.js";
import { normalize, numberToken } from "./tokens.js";

/**
 * A part of an argument's value whose origin is searched for in what was said
 * before.
 *
 * - `exact`: it may come from the first source that holds one of its tokens. It
 *   may also be composed of its `parts`.
 * - `short`: a number that many texts hold by chance.
 * - `common`: nearly any text holds it by chance, so that only the name of its
 *   field shows where it may come from.
 * - `word`: one word of a free text, which a model may write in its own words.
 */
export type SearchTerm =
  | {
      readonly kind: "exact";
      readonly tokens: readonly string[];
      readonly parts: readonly SearchTerm[];
      /** Only words: a model can compose it without new information. */
      readonly isOfWords: boolean;
    }
  | { readonly kind: "short"; readonly token: string }
  | {
      readonly kind: "common";
      readonly token: string;
      /** `yes`, `no`, `any` and the like, which a model needn't have read. */
      readonly isFlag: boolean;
    }
  | { readonly kind: "word"; readonly token: string };

/** Characters of a value that are read. */
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
/** Times that stand for a whole day. */
const WHOLE_DAY = new Set(["t:00:00", "t:23:59"]);

/** What has to be searched for to explain an argument's value. */
export function searchTermsOf({ value }: Leaf): SearchTerm[] {
  if (typeof value === "number") return [numberTerm(value)];
  if (typeof value !== "string") {
    return [{ kind: "common", token: String(value), isFlag: true }];
  }
  const text = normalize(value.slice(0, MAX_TEXT)).trim();
  if (text.length <= 2 || COMMON.has(text)) return [commonTerm(text)];
  const terms: SearchTerm[] = [];
  const days: string[] = [];
  const rest = takeDates(text, (token) => {
    if (/^[dm]:/.test(token)) days.push(token);
    else if (token.startsWith("t:") && !WHOLE_DAY.has(token)) {
      terms.push({
        kind: "exact",
        tokens: [token],
        parts: [],
        isOfWords: false,
      });
    }
  });
  terms.push(...dayTerms(days));
  const names = namesIn(value.slice(0, MAX_TEXT));
  const chunks = chunksOf(rest);
  const isAlone = chunks.length === 1 && days.length === 0;
  for (const chunk of chunks) {
    terms.push(chunkTerm(chunk, isAlone || names.has(chunk)));
  }
  return terms.filter(
    (term) =>
      term.kind !== "word" ||
      (term.token.length > 2 && !STOP_WORDS.has(term.token)),
  );
}

/** All tokens by which a term can be found. */
export function tokensOf(term: SearchTerm): string[] {
  if (term.kind !== "exact") return [term.token];
  return [...term.tokens, ...term.parts.flatMap(tokensOf)];
}

function numberTerm(value: number): SearchTerm {
  const token = numberToken(value);
  const digits = token.replaceAll(/\D/g, "").length;
  if (digits === 1) return { kind: "common", token, isFlag: false };
  if (digits <= 3) return { kind: "short", token };
  // Within an id, the digits are a token without the `#`.
  const tokens = Number.isInteger(value) ? [token, token.slice(1)] : [token];
  return { kind: "exact", tokens, parts: [], isOfWords: false };
}

function commonTerm(text: string): SearchTerm {
  const isDigits = /^\d+$/.test(text);
  if (isDigits) return numberTerm(Number(text));
  const isFlag = text === "" || COMMON.has(text);
  return { kind: "common", token: text, isFlag };
}

/** Capitalized words but the first: names, which a model has to have read. */
function namesIn(text: string): Set<string> {
  const found = text.trim().matchAll(/(?<=\P{L})\p{Lu}[\p{L}'’-]{1,60}/gu);
  return new Set([...found].map(([name]) => normalize(name)));
}

/** A day of a year may be written elsewhere without the year. */
function dayTerms(tokens: readonly string[]): SearchTerm[] {
  const full = tokens.filter((token) => /^d:\d{4}-/.test(token));
  const yearless = tokens.filter((token) => /^d:\d\d-\d\d$/.test(token));
  return [
    ...full.map((token) => [token, `d:${token.slice(-5)}`]),
    ...yearless.map((token) => [`m:${token.slice(-5)}`]),
  ].map((alternatives) => ({
    kind: "exact" as const,
    tokens: alternatives,
    parts: [],
    isOfWords: false,
  }));
}

/** @param isStrict it is a whole value, or a part of one, and no word of a text */
function chunkTerm(chunk: string, isStrict: boolean): SearchTerm {
  const number = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^\d+(?:\.\d+)?$/.test(chunk)
    ? chunk.replaceAll(",", "")
    : undefined;
  // Digits that begin with a zero are an id.
  if (number !== undefined && !/^0\d/.test(number)) {
    return numberTerm(Number(number));
  }
  const isWord = /^[\p{L}'’-]+$/u.test(chunk);
  if (isWord && !isStrict) return { kind: "word", token: stem(chunk) };
  return {
    kind: "exact",
    tokens: [stem(chunk)],
    parts: partsOf(chunk).map((part) => chunkTerm(part, true)),
    isOfWords: /^[\p{L}_-]+$/u.test(chunk),
  };
}
