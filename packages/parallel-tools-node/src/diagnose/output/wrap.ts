/** Longer words are cut: nobody reads them. */
const MAX_WORD = 200;

/**
 * Breaks a text into lines of at most `width` columns, between words. Whatever
 * could steer a terminal becomes a question mark.
 *
 * @param indent spaces before the first line
 * @param hanging spaces before the others
 */
export function wrap(
  text: string,
  width: number,
  indent = 0,
  hanging = indent,
): string[] {
  const lines: string[] = [];
  let line = " ".repeat(indent);
  let isEmpty = true;
  for (const word of plain(text).split(" ")) {
    const shown =
      word.length > MAX_WORD ? `${word.slice(0, MAX_WORD)}...` : word;
    if (!isEmpty && line.length + 1 + shown.length > width) {
      lines.push(line);
      line = " ".repeat(hanging);
      isEmpty = true;
    }
    line += isEmpty ? shown : ` ${shown}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** Without control and format characters, and with single spaces. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\p{Cc}\p{Cf}\p{Co}]/gu, "?");
}
