import type { Segment } from "../timeline.js";
import { WAIT_WORDS } from "../words/wait-words.js";

interface Cell {
  /** One of its own for each kind, so that a log without colour reads too. */
  readonly character: string;
  /** The number of an ANSI foreground colour. */
  readonly color: number;
  readonly words: string;
}

const waiting = (
  kind: keyof typeof WAIT_WORDS,
  character: string,
  color: number,
) => ({
  character,
  color,
  words: kind === "dependency" ? "waits for another call" : WAIT_WORDS[kind],
});

/** How each kind of segment looks on a terminal. */
export const CELLS: Readonly<Record<Segment["kind"], Cell>> = {
  running: { character: "█", color: 32, words: "running" },
  failed: { character: "×", color: 31, words: "failed" },
  dependency: waiting("dependency", "·", 90),
  concurrency: waiting("concurrency", "-", 33),
  rate: waiting("rate", "=", 35),
  feedback: waiting("feedback", "!", 34),
  circuit: waiting("circuit", "?", 94),
  retry: waiting("retry", "~", 36),
};
