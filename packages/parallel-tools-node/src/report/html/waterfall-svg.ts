import type { CallReport } from "../batch-report.js";
import type { ReportNode } from "../report-tree.js";
import { ticksUntil } from "../ticks.js";
import { type Segment, timelineOf } from "../timeline.js";
import { formatTick } from "../words/format-ms.js";
import { percent, percentSpan } from "./percent.js";
import { segmentRect } from "./symbols.js";

/** The most ticks whose labels have room; a narrow screen shows half of them. */
const MOST_TICKS = 10;

/** The height of the drawing in a row. */
export const BAR_HEIGHT = 18;

/** Waits are thin and patterned, attempts are thick and full. */
const WAIT_HEIGHT = 8;
const RUN_HEIGHT = 14;

/** The least width of an attempt, in percent of the axis. */
const LEAST_RUN = 0.3;

/**
 * The rows of a batch on an axis from 0 to `endMs`: one for each call, and one more
 * below a call inside of which batches ran.
 */
export interface Rows {
  /** By index. */
  readonly calls: ReadonlyMap<number, CallReport>;
  /** The row of a call, counted from 0, by the call's index. */
  readonly rowOf: ReadonlyMap<number, number>;
  readonly count: number;
  /** When the batch began. */
  readonly fromMs: number;
  readonly endMs: number;
}

/** @param endMs the end of the axis */
export function rowsOf(
  { calls, inside, fromMs }: ReportNode,
  endMs: number,
): Rows {
  const rowOf = new Map<number, number>();
  let count = 0;
  for (const { index } of calls) {
    rowOf.set(index, count);
    count += inside.has(index) ? 2 : 1;
  }
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  return { calls: byIndex, rowOf, count, fromMs, endMs };
}

/** The times above the bars. */
export function axisSvg(endMs: number): string {
  const labels = ticksUntil(endMs, MOST_TICKS).map((tick, i) => {
    const share = endMs > 0 ? tick / endMs : 0;
    // A narrow screen has no room beside the axis: it hides every other label,
    // and a late one ends at its tick.
    const classes = `${i % 2 === 1 ? "between" : ""}${share > 0.9 ? " late" : ""}`;
    const anchor = share === 0 ? "start" : "middle";
    return `<text class="${classes}" x="${percent(tick, endMs)}" y="12" text-anchor="${anchor}">${formatTick(tick)}</text>`;
  });
  return `<svg class="ticks" width="100%" height="16" aria-hidden="true">${labels.join("")}</svg>`;
}

/** The lines behind the bars: the ticks, the end and the lower bound. */
export function gridSvg(endMs: number, boundMs: number): string {
  const lines = ticksUntil(endMs, MOST_TICKS).map((tick) =>
    gridLine("tick", tick, endMs),
  );
  lines.push(gridLine("end", endMs, endMs));
  if (boundMs > 0) lines.push(gridLine("bound", boundMs, endMs));
  return `<svg class="grid" aria-hidden="true">${lines.join("")}</svg>`;
}

function gridLine(className: string, ms: number, endMs: number): string {
  const x = percent(ms, endMs);
  return `<line class="${className}" x1="${x}" x2="${x}" y1="0" y2="100%"/>`;
}

/** The waits and attempts of a call, as a bar. */
export function barSvg(call: CallReport, { endMs }: Rows): string {
  const rects = timelineOf(call).map((segment) => barRect(segment, endMs));
  return `<svg class="bar" width="100%" height="${BAR_HEIGHT}" aria-hidden="true">${rects.join("")}</svg>`;
}

function barRect({ kind, startMs, endMs: toMs, wait }: Segment, endMs: number) {
  const ran = wait === undefined;
  const height = ran ? RUN_HEIGHT : WAIT_HEIGHT;
  const least = ran ? LEAST_RUN : 0;
  const { x, width } = percentSpan(startMs, toMs, endMs, least);
  const y = (BAR_HEIGHT - height) / 2;
  const place = `x="${x}" y="${y}" width="${width}" height="${height}" rx="2"`;
  return segmentRect(kind, place);
}

/**
 * The calls that a call depends on, as arrows: up or down from where such a call
 * ended, then along to where this one started. The drawing covers all rows.
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
  const { calls, rowOf, count, endMs } = rows;
  const from = rowOf.get(index);
  const to = rowOf.get(call.index);
  if (from === undefined || to === undefined) return "";
  const x1 = percent(calls.get(index)?.endMs ?? 0, endMs);
  const x2 = percent(call.startMs ?? call.endMs, endMs);
  const y1 = percent(from + 0.5, count);
  const y2 = percent(to + 0.5, count);
  const dot = `<circle cx="${x1}" cy="${y1}" r="3"/>`;
  if (x1 === x2) {
    return `${dot}<line x1="${x1}" y1="${y1}" x2="${x1}" y2="${y2}" marker-end="url(#arrowhead)"/>`;
  }
  return `${dot}<line x1="${x1}" y1="${y1}" x2="${x1}" y2="${y2}"/><line x1="${x1}" y1="${y2}" x2="${x2}" y2="${y2}" marker-end="url(#arrowhead)"/>`;
}

/**
 * The critical path as one line of steps under the bars of its calls: along each
 * call from where the call before ended, then down or up to the next one.
 */
export function criticalPathSvg(path: readonly number[], rows: Rows): string {
  const lines = criticalPathLines(path, rows);
  return `<svg class="path" aria-hidden="true"><g transform="translate(0 -3)">${lines}</g></svg>`;
}

function criticalPathLines(path: readonly number[], rows: Rows): string {
  const { calls, rowOf, count, endMs } = rows;
  let { fromMs } = rows;
  let fromRow: number | undefined;
  const lines: string[] = [];
  for (const index of path) {
    const row = rowOf.get(index);
    const call = calls.get(index);
    if (row === undefined || call === undefined) continue;
    const { endMs: toMs } = call;
    const x1 = percent(fromMs, endMs);
    const y = percent(row + 1, count);
    if (fromRow !== undefined) {
      const above = percent(fromRow + 1, count);
      lines.push(`<line x1="${x1}" y1="${above}" x2="${x1}" y2="${y}"/>`);
    }
    const x2 = percent(toMs, endMs);
    lines.push(`<line x1="${x1}" y1="${y}" x2="${x2}" y2="${y}"/>`);
    fromMs = toMs;
    fromRow = row;
  }
  return lines.join("");
}

/** All calls of a large batch at once, each as a thin line. */
export function overviewSvg(path: readonly number[], rows: Rows): string {
  const { calls, rowOf, count, endMs } = rows;
  const height = percent(1, count);
  const rects = [...calls.values()].flatMap((call) =>
    timelineOf(call).map(({ kind, startMs, endMs: toMs }) => {
      const { x, width } = percentSpan(startMs, toMs, endMs);
      return `<rect class="${kind}" x="${x}" y="${percent(rowOf.get(call.index) ?? 0, count)}" width="${width}" height="${height}"/>`;
    }),
  );
  return `<svg class="overview" width="100%" height="140" aria-hidden="true">${rects.join("")}${criticalPathLines(path, rows)}</svg>\n`;
}
