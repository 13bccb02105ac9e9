import type { CallReport } from "../batch-report.js";
import { nodesIn, type ReportNode } from "../report-tree.js";
import { describeInside } from "../words/summarize.js";
import { percentSpan } from "./percent.js";
import { BAR_HEIGHT } from "./waterfall-svg.js";

/** The height of the mark of a batch. */
const BATCH_HEIGHT = 6;

/** The least width of that mark, in percent of the axis. */
const LEAST_BATCH = 0.3;

/**
 * A row below a call, which opens what ran inside of it.
 *
 * @param lists the calls of each of the batches
 */
export function insideRow(
  call: CallReport,
  batches: readonly ReportNode[],
  lists: readonly string[],
  endMs: number,
): string {
  const reports = nodesIn(batches).map(({ node }) => node.report);
  const fold =
    '<svg class="fold" width="16" height="16" aria-hidden="true"><path d="m6 4 4 4-4 4"/></svg>';
  return `<li class="inside"><details><summary class="row"><span class="label">${fold}<span class="name">${describeInside(reports)}</span></span><span class="hidden"> inside of call ${call.ordinal}</span>${batchesSvg(batches, endMs)}<span class="time"></span></summary>
${lists.join("\n")}
</details></li>`;
}

/** When each batch ran. */
function batchesSvg(batches: readonly ReportNode[], endMs: number): string {
  const y = (BAR_HEIGHT - BATCH_HEIGHT) / 2;
  const rects = batches.map(({ fromMs, report }) => {
    const toMs = fromMs + report.durationMs;
    const { x, width } = percentSpan(fromMs, toMs, endMs, LEAST_BATCH);
    return `<rect class="batch-inside" x="${x}" y="${y}" width="${width}" height="${BATCH_HEIGHT}" rx="2"/>`;
  });
  return `<svg class="bar" width="100%" height="${BAR_HEIGHT}" aria-hidden="true">${rects.join("")}</svg>`;
}
