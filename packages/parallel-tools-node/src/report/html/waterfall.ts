import type { BatchReport } from "../batch-report.js";
import { timelineOf } from "../timeline.js";
import { callLinks, callRow } from "./call-row.js";
import { legendHtml } from "./legend.js";
import {
  axisSvg,
  criticalPathSvg,
  gridSvg,
  overviewSvg,
  type Rows,
} from "./waterfall-svg.js";

/** With more calls the waterfall scrolls, and an overview stands above it. */
const MOST_AT_ONCE = 40;

/** The calls of a batch, one below the other, on an axis of time. */
export function waterfallHtml(report: BatchReport, batchId: string): string {
  const { calls, criticalPath, durationMs, lowerBound } = report;
  const rows: Rows = {
    calls,
    rowOf: new Map(calls.map(({ index }, row) => [index, row])),
    endMs: durationMs,
  };
  const context = {
    batchId,
    rows,
    critical: new Set(criticalPath),
    link: callLinks(batchId, calls),
  };
  const isLong = calls.length > MOST_AT_ONCE;
  const list = calls.map((call) => callRow(call, context)).join("\n");
  return `${isLong ? overviewSvg(criticalPath, rows) : ""}<p class="skip"><a href="#${batchId}-end">Skip the calls</a></p>
<div class="waterfall${isLong ? " long" : ""}">
<div class="row axis"><span></span>${axisSvg(durationMs)}<span></span></div>
<div class="rows">${gridSvg(durationMs, lowerBound.ms)}
<ol class="calls">
${list}
</ol>${criticalPathSvg(criticalPath, rows)}</div>
</div>
<div id="${batchId}-end">${legendHtml(calls.flatMap(timelineOf))}</div>`;
}
