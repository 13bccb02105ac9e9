/** Colours a text: `code` is an ANSI foreground colour, 1 (bold) or 2 (dim). */
export type Paint = (code: number, text: string) => string;

/** Doesn't use `util.styleText`, which Node 20 has only since 20.12. */
export function createPaint(isOn: boolean): Paint {
  if (!isOn) return (_, text) => text;
  return (code, text) =>
    text === "" ? "" : `\u001B[${code}m${text}\u001B[${code <= 2 ? 22 : 39}m`;
}

/** Whether an output takes colours, by its environment. */
export function takesColor(
  { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv,
  isTerminal: boolean,
): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0";
  return isTerminal && TERM !== "dumb";
}
