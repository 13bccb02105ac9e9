import { ticksUntil } from "../ticks.js";
import { formatTick } from "../words/format-tick.js";
import { percent } from "./percent.js";

/** Labels that have room beside each other; every other one on a telephone. */
const MOST_TICKS = 10;

/** The times above the bars. */
export function axisSvg(endMs: number): string {
  const labels = ticksUntil(endMs, MOST_TICKS).map((tick, i) => {
    const share = endMs > 0 ? tick / endMs : 0;
    // On a telephone there is no room behind the axis.
    const classes = `${i % 2 === 1 ? "between" : ""}${share > 0.9 ? " late" : ""}`;
    const anchor = share === 0 ? "start" : "middle";
    return `<text class="${classes}" x="${percent(tick, endMs)}" y="12" text-anchor="${anchor}">${formatTick(tick)}</text>`;
  });
  return `<svg class="ticks" width="100%" height="16" aria-hidden="true">${labels.join("")}</svg>`;
}

/** Lines behind the bars: the ticks, and the lower bound. */
export function gridSvg(endMs: number, boundMs: number): string {
  const lines = ticksUntil(endMs, MOST_TICKS).map((tick) =>
    lineSvg("tick", tick, endMs),
  );
  lines.push(lineSvg("end", endMs, endMs));
  if (boundMs > 0) lines.push(lineSvg("bound", boundMs, endMs));
  return `<svg class="grid" aria-hidden="true">${lines.join("")}</svg>`;
}

function lineSvg(className: string, ms: number, endMs: number): string {
  const x = percent(ms, endMs);
  return `<line class="${className}" x1="${x}" x2="${x}" y1="0" y2="100%"/>`;
}
