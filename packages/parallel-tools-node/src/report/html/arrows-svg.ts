import type { CallReport } from "../batch-report.js";
import { percent } from "./percent.js";

/** The rows of a waterfall: whose they are, and what the right edge stands for. */
export interface Rows {
  readonly calls: readonly CallReport[];
  /** The row of a call by its index, from 0. */
  readonly rowOf: ReadonlyMap<number, number>;
  readonly endMs: number;
}

/**
 * The calls that one depends on, as arrows: down or up from where they ended,
 * then on to where this call started. Lies over all rows, whatever their height.
 */
export function arrowsSvg(call: CallReport, rows: Rows): string {
  const sources = call.dependsOn.map(({ index }) => index);
  if (call.sameAs !== undefined) sources.push(call.sameAs);
  const arrows = sources.map((index) => arrowSvg(index, call, rows));
  const drawn = arrows.join("");
  return drawn === ""
    ? ""
    : `<svg class="arrows" aria-hidden="true">${drawn}</svg>`;
}

function arrowSvg(index: number, call: CallReport, rows: Rows): string {
  const { calls, rowOf, endMs } = rows;
  const from = rowOf.get(index);
  const to = rowOf.get(call.index);
  if (from === undefined || to === undefined) return "";
  const x1 = percent((calls[from] as CallReport).endMs, endMs);
  const x2 = percent(call.startMs ?? call.endMs, endMs);
  const y1 = middleOf(from, rows);
  const y2 = middleOf(to, rows);
  const dot = `<circle cx="${x1}" cy="${y1}" r="3"/>`;
  if (x1 === x2) {
    return `${dot}<line x1="${x1}" y1="${y1}" x2="${x1}" y2="${y2}" marker-end="url(#arrowhead)"/>`;
  }
  return `${dot}<line x1="${x1}" y1="${y1}" x2="${x1}" y2="${y2}"/><line x1="${x1}" y1="${y2}" x2="${x2}" y2="${y2}" marker-end="url(#arrowhead)"/>`;
}

function middleOf(row: number, { calls }: Rows): string {
  return percent(row + 0.5, calls.length);
}
