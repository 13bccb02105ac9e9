import { ticksUntil } from "../ticks.js";
import { isRun, type Segment } from "../timeline.js";
import { formatTick } from "../words/format-ms.js";
import { WAIT_WORDS } from "../words/wait-words.js";
import type { Paint } from "./paint.js";
import { wrap } from "./wrap.js";

/** Columns of a label of the axis, with the gap behind it. */
const LABEL_WIDTH = 9;

/** How one kind of segment looks on a terminal. */
interface Cell {
  /** Differs between kinds, so that they can be told apart without colour. */
  readonly character: string;
  /** The number of an ANSI foreground colour. */
  readonly color: number;
  /** In the legend. */
  readonly words: string;
}

const CELLS = {
  running: { character: "█", color: 32, words: "running" },
  failed: { character: "×", color: 31, words: "failed" },
  message: { character: ":", color: 90, words: "waits for the message" },
  dependency: { character: "·", color: 90, words: "waits for another call" },
  concurrency: { character: "-", color: 33, words: WAIT_WORDS.concurrency },
  rate: { character: "=", color: 35, words: WAIT_WORDS.rate },
  feedback: { character: "!", color: 34, words: WAIT_WORDS.feedback },
  circuit: { character: "?", color: 94, words: WAIT_WORDS.circuit },
  retry: { character: "~", color: 36, words: WAIT_WORDS.retry },
} satisfies Record<Segment["kind"], Cell>;

const KINDS = Object.keys(CELLS) as Segment["kind"][];

/** Draws the times above the bars, each beginning over its own place. */
export function drawAxis(endMs: number, width: number): string {
  let axis = "";
  for (const tick of ticksUntil(endMs, Math.floor(width / LABEL_WIDTH))) {
    const at = endMs > 0 ? Math.floor((tick / endMs) * width) : 0;
    const label = formatTick(tick);
    if (at < axis.length || at + label.length > width) continue;
    axis = axis.padEnd(at) + label;
  }
  return axis;
}

/**
 * Draws a call as a bar of `width` columns that stand for 0 to `endMs`. Each
 * segment takes at least one column. Where several share a column, an attempt is
 * shown rather than a wait, and a good attempt rather than a failed one.
 */
export function drawBar(
  segments: readonly Segment[],
  endMs: number,
  width: number,
  paint: Paint,
): string {
  const columns: (Segment["kind"] | undefined)[] = Array.from({
    length: width,
  });
  // A later segment covers an earlier one.
  const attemptsLast = segments.toSorted((a, b) => rankOf(a) - rankOf(b));
  for (const { kind, startMs, endMs: toMs } of attemptsLast) {
    const scale = endMs > 0 ? width / endMs : 0;
    const from = Math.min(width - 1, Math.floor(startMs * scale));
    const to = Math.min(width, Math.round(toMs * scale));
    columns.fill(kind, from, Math.max(to, from + 1));
  }
  let bar = "";
  for (let from = 0; from < width; ) {
    const kind = columns[from];
    let to = from + 1;
    while (to < width && columns[to] === kind) to += 1;
    bar += kind ? drawCells(kind, to - from, paint) : " ".repeat(to - from);
    from = to;
  }
  return bar;
}

/** Explains the kinds of segments that are drawn, and the mark of the path. */
export function drawLegend(
  segments: readonly Segment[],
  width: number,
  paint: Paint,
): string[] {
  const present = new Set(segments.map(({ kind }) => kind));
  const pieces = KINDS.filter((kind) => present.has(kind)).map((kind) => {
    const { words, character } = CELLS[kind];
    return {
      text: `${drawCells(kind, 2, paint)} ${words}`,
      shown: `${character.repeat(2)} ${words}`,
    };
  });
  const mark = "* critical path";
  return wrap([...pieces, { text: mark, shown: mark }], width, "   ");
}

function drawCells(kind: Segment["kind"], count: number, paint: Paint): string {
  const { character, color } = CELLS[kind];
  return paint(color, character.repeat(count));
}

function rankOf({ kind }: Segment): number {
  if (!isRun(kind)) return 0;
  return kind === "failed" ? 1 : 2;
}
