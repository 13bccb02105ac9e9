import type { CallReport } from "../batch-report.js";
import type { Rows } from "./arrows-svg.js";
import { percent } from "./percent.js";

/**
 * The critical path as one line of steps under its bars: along each call from
 * where the one before has ended, then down (or up) to the next.
 */
export function criticalPathSvg(path: readonly number[], rows: Rows): string {
  const lines = criticalPathLines(path, rows);
  return `<svg class="path" aria-hidden="true"><g transform="translate(0 -3)">${lines}</g></svg>`;
}

/** Its lines, in shares of the drawing that they stand in. */
export function criticalPathLines(path: readonly number[], rows: Rows): string {
  const { calls, rowOf, endMs } = rows;
  let fromMs = 0;
  let fromRow: number | undefined;
  const lines: string[] = [];
  for (const index of path) {
    const row = rowOf.get(index);
    if (row === undefined) continue;
    const { endMs: toMs } = calls[row] as CallReport;
    const x1 = percent(fromMs, endMs);
    const y = percent(row + 1, calls.length);
    if (fromRow !== undefined) {
      const above = percent(fromRow + 1, calls.length);
      lines.push(`<line x1="${x1}" y1="${above}" x2="${x1}" y2="${y}"/>`);
    }
    const x2 = percent(toMs, endMs);
    lines.push(`<line x1="${x1}" y1="${y}" x2="${x2}" y2="${y}"/>`);
    fromMs = toMs;
    fromRow = row;
  }
  return lines.join("");
}
