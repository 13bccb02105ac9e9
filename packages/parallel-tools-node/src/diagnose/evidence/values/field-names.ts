import { stem } from "./chunks.js";

/** Last words of fields that hold a name of something, and no amount. */
const NAMING = new Set(
  "id uuid guid key no nr number num ref reference code index idx ordinal pk handle token cursor".split(
    " ",
  ),
);

/** The words that a field's name is made of: `userId` is `user` and `id`. */
export function wordsOfField(name: string): string[] {
  return name
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .map((word) => (word === "ids" ? "id" : stem(word)));
}

/** Whether a field holds the name of something. */
export function isNamingField(name: string): boolean {
  return NAMING.has(wordsOfField(name).at(-1) ?? "");
}

/** Whether two fields may hold the same thing: they share a word. */
export function areRelated(
  words: readonly string[],
  others: readonly string[],
): boolean {
  return words.some((word) => others.includes(word));
}
