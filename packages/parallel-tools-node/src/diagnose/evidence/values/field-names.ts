import { stem } from "./chunks.js";

/** Last words of fields that identify something, rather than hold an amount. */
const IDENTIFYING = new Set(
  "id uuid guid key no nr number num ref reference code index idx ordinal pk handle token cursor".split(
    " ",
  ),
);

/** The words of a field's name: `userId` has `user` and `id`. */
export function wordsOfField(name: string): string[] {
  return name
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .map((word) => (word === "ids" ? "id" : stem(word)));
}

/** Whether a field identifies something, as an id or a key does. */
export function isIdentifyingField(name: string): boolean {
  return IDENTIFYING.has(wordsOfField(name).at(-1) ?? "");
}

/** Whether two fields may hold the same thing: they share a word. */
export function areRelated(
  words: readonly string[],
  others: readonly string[],
): boolean {
  return words.some((word) => others.includes(word));
}
