import { timelineOf } from "../timeline.js";
import type { Rows } from "./arrows-svg.js";
import { criticalPathLines } from "./critical-path-svg.js";
import { percent, percentSpan } from "./percent.js";

/** All calls of a large batch at once, each a line of a hair's breadth. */
export function overviewSvg(path: readonly number[], rows: Rows): string {
  const { calls, endMs } = rows;
  const height = percent(1, calls.length);
  const rects = calls.flatMap((call, row) =>
    timelineOf(call).map(({ kind, startMs, endMs: toMs }) => {
      const { x, width } = percentSpan(startMs, toMs, endMs);
      return `<rect class="${kind}" x="${x}" y="${percent(row, calls.length)}" width="${width}" height="${height}"/>`;
    }),
  );
  return `<svg class="overview" width="100%" height="140" aria-hidden="true">${rects.join("")}${criticalPathLines(path, rows)}</svg>\n`;
}
