/** Control, format and unassigned characters, lone surrogates, line ends. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** How many characters of a name are shown: more than an honest name has. */
export const MOST_NAME = 80;

/**
 * Makes a text of a tool or a model safe for one line of a terminal or a log: it
 * can't move the cursor, colour, break the line, or reverse the direction of the
 * text that follows. A text that is too long is cut and ends with an ellipsis.
 *
 * @param most how many characters the result may have, with the ellipsis
 */
export function printable(text: string, most: number): string {
  // A text may be huge, so it is cut before it is split. A character takes up to
  // two code units.
  const characters = Array.from(String(text).slice(0, 2 * most + 2));
  const shown =
    characters.length > most
      ? `${characters.slice(0, most - 1).join("")}…`
      : characters.join("");
  return shown.replace(UNPRINTABLE, "\u{FFFD}");
}
