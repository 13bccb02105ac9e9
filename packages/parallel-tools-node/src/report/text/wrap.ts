import { columnsOf, fit } from "./columns.js";

/** A piece of a line, which must not be broken. */
export interface Piece {
  readonly text: string;
  /** `text` without colour codes: its width counts. */
  readonly shown: string;
}

/**
 * Puts pieces on lines of at most `width` columns, `gap` between them. The first
 * line begins with `indent`, each further line with `hanging`.
 */
export function wrap(
  pieces: readonly Piece[],
  width: number,
  gap: string,
  indent = "",
  hanging = indent,
): string[] {
  const lines: string[] = [];
  let line = indent;
  let columns = indent.length;
  let isEmpty = true;
  for (const { text, shown } of pieces) {
    const more = columnsOf(shown);
    if (!isEmpty && columns + gap.length + more > width) {
      lines.push(line);
      line = hanging;
      columns = hanging.length;
      isEmpty = true;
    }
    if (!isEmpty) {
      line += gap;
      columns += gap.length;
    }
    line += text;
    columns += more;
    if (text !== "") isEmpty = false;
  }
  return isEmpty ? lines : [...lines, line];
}

/** Breaks a sentence into lines of at most `width` columns; cuts longer words. */
export function wrapWords(sentence: string, width: number): string[] {
  const words = sentence.split(" ").map((word) => {
    const fitting = fit(word, width).trimEnd();
    return { text: fitting, shown: fitting };
  });
  return wrap(words, width, " ");
}
