import type { DeepPath } from "../deep-path.js";
import { nodesIn, type ReportNode } from "../report-tree.js";
import { timelineOf } from "../timeline.js";
import { callLinks, callRow } from "./call-row.js";
import { insideRow } from "./inside-row.js";
import { legendHtml } from "./legend.js";
import {
  axisSvg,
  criticalPathSvg,
  gridSvg,
  overviewSvg,
  rowsOf,
} from "./waterfall-svg.js";

/** With more calls the waterfall scrolls, and an overview stands above it. */
const MOST_AT_ONCE = 40;

/**
 * The calls of a batch, one below the other, on an axis of time. What ran inside of
 * a call is folded away in a row below it.
 */
export function waterfallHtml(
  root: ReportNode,
  batchId: string,
  path: DeepPath,
): string {
  const { durationMs, lowerBound, criticalPath } = root.report;
  const isLong = root.calls.length > MOST_AT_ONCE;
  const overview = isLong
    ? overviewSvg(criticalPath, rowsOf(root, durationMs))
    : "";
  const grid = gridSvg(durationMs, lowerBound.ms);
  const all = nodesIn([root]).flatMap(({ node }) => node.calls);
  return `${overview}<p class="skip"><a href="#${batchId}-end">Skip the calls</a></p>
<div class="waterfall${isLong ? " long" : ""}">
<div class="row axis"><span></span>${axisSvg(durationMs)}<span></span></div>
${callsHtml(root, batchId, { path, endMs: durationMs, grid })}
</div>
<div id="${batchId}-end">${legendHtml(all.flatMap(timelineOf))}</div>`;
}

/** What the lists of a waterfall have in common. */
interface WaterfallContext {
  readonly path: DeepPath;
  /** The end of the axis. */
  readonly endMs: number;
  /** The lines behind the outermost list. */
  readonly grid: string;
}

/** The rows of a batch. */
function callsHtml(
  node: ReportNode,
  batchId: string,
  context: WaterfallContext,
): string {
  const { path, endMs, grid } = context;
  const rows = rowsOf(node, endMs);
  const critical = path.critical.get(node) ?? new Set();
  const link = callLinks(batchId, node.calls);
  const row = { batchId, rows, critical, link };
  const below = { path, endMs, grid: "" };
  const list = node.calls.flatMap((call) => {
    const inside = node.inside.get(call.index);
    if (inside === undefined) return [callRow(call, row)];
    const lists = inside.map((one, i) =>
      callsHtml(one, `${batchId}-${call.ordinal}-${i + 1}`, below),
    );
    return [callRow(call, row), insideRow(call, inside, lists, endMs)];
  });
  const steps = node.report.criticalPath.filter((index) => critical.has(index));
  return `<div class="rows">${grid}
<ol class="calls">
${list.join("\n")}
</ol>${criticalPathSvg(steps, rows)}</div>`;
}
