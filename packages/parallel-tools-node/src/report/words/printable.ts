/** Control, format and unassigned characters, lone surrogates, line ends. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Characters of a name that are shown: enough for any that is meant well. */
export const MOST_NAME = 80;

/**
 * Text of a tool or a model as it may stand on one line of a terminal or a log:
 * it can neither move the cursor, nor colour, nor turn the direction of what
 * follows. Of a long text the beginning.
 *
 * @param most characters that it may have, an ellipsis included
 */
export function printable(text: string, most: number): string {
  // What is cut off is not even looked at; a character is up to two units.
  const characters = Array.from(String(text).slice(0, 2 * most + 2));
  const shown =
    characters.length > most
      ? `${characters.slice(0, most - 1).join("")}…`
      : characters.join("");
  return shown.replace(UNPRINTABLE, "\u{FFFD}");
}
