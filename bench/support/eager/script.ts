/** A call that the model writes. */
export interface ScriptedCall {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What the model writes in one turn: calls, or a text that ends the run. */
export type Turn = readonly ScriptedCall[] | string;

/**
 * What the model is to write, turn by turn. As JSON it is what the user asks, so that
 * the server needs to know nothing else.
 */
export interface Script {
  readonly turns: readonly Turn[];
}

/** How long the model takes for a token. */
export const TOKEN_MS = 12;
/** A call: its name, and its arguments in nine pieces. */
export const TOKENS_PER_CALL = 10;

/** The text with which each run ends. */
export const LAST_TEXT = "All is there.";

/** How long the model takes for calls, and for the last text. */
export const writingMs = (calls: number) => calls * TOKENS_PER_CALL * TOKEN_MS;
export const LAST_TEXT_MS = wordsOf(LAST_TEXT).length * TOKEN_MS;

/** The arguments of a call, in the pieces in which they are streamed. */
export function piecesOf({ args }: ScriptedCall): string[] {
  const text = JSON.stringify(args);
  const count = TOKENS_PER_CALL - 1;
  const size = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, i) =>
    text.slice(i * size, (i + 1) * size),
  );
}

/** The words of a text, each a token. */
export function wordsOf(text: string): string[] {
  return text.split(/(?<= )/);
}
