import type { Piece, Turn } from "./streaming-model.js";

/** A call as a model writes it. */
export interface WrittenCall {
  readonly id?: string | undefined;
  readonly name?: string;
  readonly args?: Record<string, unknown>;
  /** Instead of `args`: what stands there, whatever that is. */
  readonly text?: string;
}

export const USAGE = { input_tokens: 7, output_tokens: 40, total_tokens: 47 };

/** The model takes `ms` for each call, and says why it stops. */
export function writeTurn(
  calls: readonly WrittenCall[],
  { ms = 10, stop = "tool_calls" }: { ms?: number; stop?: string } = {},
): Turn {
  return [
    { ms, text: "I look." },
    ...calls.flatMap((call, index) => piecesOf(call, index, ms)),
    { ms, stop, usage: USAGE },
  ];
}

function piecesOf(
  { id, name, args, text = JSON.stringify(args ?? {}) }: WrittenCall,
  index: number,
  ms: number,
): Piece[] {
  const half = Math.ceil(text.length / 2);
  const start = {
    index,
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    args: text.slice(0, half),
  };
  return [
    { ms: ms / 2, calls: [start] },
    { ms: ms / 2, calls: [{ index, args: text.slice(half) }] },
  ];
}
