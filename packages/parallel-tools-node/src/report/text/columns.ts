/** Marks, which take no column: they stand on the character before. */
const MARK = /^\p{M}$/u;
/** Characters that take two columns: East Asian wide forms and emoji. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u{1100}-\u{115F}\u{2E80}-\u{A4CF}\u{AC00}-\u{D7A3}\u{F900}-\u{FAFF}\u{FE30}-\u{FE6F}\u{FF01}-\u{FF60}\u{FFE0}-\u{FFE6}\u{20000}-\u{3FFFD}])$/u;

/** How many columns of a terminal a printable text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** Cuts or fills up a printable text to exactly `width` columns. */
export function fit(text: string, width: number): string {
  const columns = columnsOf(text);
  if (columns <= width) return text + " ".repeat(width - columns);
  let shown = "";
  let used = 0;
  for (const character of text) {
    const columnsMore = widthOf(character);
    if (used + columnsMore > width - 1) break;
    shown += character;
    used += columnsMore;
  }
  return `${shown}…${" ".repeat(Math.max(0, width - 1 - used))}`;
}

function widthOf(character: string): number {
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
