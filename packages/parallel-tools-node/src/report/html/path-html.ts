import type { BatchReport } from "../batch-report.js";
import { formatMs } from "../words/format-ms.js";
import { nameHtml } from "./escape-html.js";
import { KIND_WORDS } from "./kind-words.js";
import { type PathPart, pathTime } from "./path-time.js";
import { percent } from "./percent.js";
import { swatchSvg } from "./swatch-svg.js";

/** Parts that are named: more are summed up in the bar only. */
const MOST_NAMED = 6;

/** Where the time of a batch went, as one bar and in words. */
export function pathHtml(report: BatchReport): string {
  const parts = pathTime(report);
  if (parts.length < 2) return "";
  const total = parts.reduce((sum, { ms }) => sum + ms, 0);
  let fromMs = 0;
  const rects = parts.map(({ kind, ms }) => {
    const x = percent(fromMs, total);
    fromMs += ms;
    return `<rect class="${kind}" x="${x}" width="${percent(ms, total)}" y="1" height="10"/>`;
  });
  const items = parts.slice(0, MOST_NAMED).map((part) => itemHtml(part, total));
  return `<div class="went"><h3>Where the time went</h3>
<svg class="stack" width="100%" height="12" aria-hidden="true">${rects.join("")}</svg>
<ul class="parts">${items.join("")}</ul></div>`;
}

function itemHtml({ kind, limit, ms }: PathPart, total: number): string {
  const share = Math.round((100 * ms) / total);
  const where = limit === undefined ? "" : ` (${nameHtml(limit)})`;
  return `<li>${swatchSvg(kind)}${KIND_WORDS[kind]}${where} <b>${formatMs(ms)}</b> <span class="note">${share}%</span></li>`;
}
