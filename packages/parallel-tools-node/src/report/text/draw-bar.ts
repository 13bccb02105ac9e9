import type { Segment } from "../timeline.js";
import { CELLS } from "./cells.js";
import type { Paint } from "./paint.js";

/**
 * Draws a call's time in `width` columns that stand for 0 to `endMs`. A segment
 * has at least one column; where several fall into one, what ran is seen.
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
  const ranLast = segments.toSorted((a, b) => rank(a) - rank(b));
  for (const { kind, startMs, endMs: toMs } of ranLast) {
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

/** So many columns of one kind. */
export function drawCells(
  kind: Segment["kind"],
  count: number,
  paint: Paint,
): string {
  const { character, color } = CELLS[kind];
  return paint(color, character.repeat(count));
}

function rank({ kind }: Segment): number {
  return kind === "running" ? 2 : kind === "failed" ? 1 : 0;
}
