import type { Segment } from "../timeline.js";
import { CELLS } from "./cells.js";
import { drawCells } from "./draw-bar.js";
import type { Paint } from "./paint.js";
import { wrap } from "./wrap.js";

const KINDS = Object.keys(CELLS) as Segment["kind"][];

/** What those kinds of segment mean that are there, and the mark of the path. */
export function drawLegend(
  segments: readonly Segment[],
  width: number,
  paint: Paint,
): string[] {
  const present = new Set(segments.map(({ kind }) => kind));
  const pieces = KINDS.filter((kind) => present.has(kind)).map((kind) => {
    const { words, character } = CELLS[kind];
    const sample = character.repeat(2);
    return {
      text: `${drawCells(kind, 2, paint)} ${words}`,
      shown: `${sample} ${words}`,
    };
  });
  const mark = "* critical path";
  return wrap([...pieces, { text: mark, shown: mark }], width, "   ");
}
