/** Colours a text: `code` is an ANSI foreground colour, 1 (bold) or 2 (dim). */
export type Paint = (code: number, text: string) => string;

/** Not `util.styleText`, which the first releases of Node 20 don't have. */
export function createPaint(isOn: boolean): Paint {
  if (!isOn) return (_, text) => text;
  return (code, text) =>
    text === "" ? "" : `\u001B[${code}m${text}\u001B[${code <= 2 ? 22 : 39}m`;
}
