import type { BatchReport } from "../batch-report.js";
import { deepPathOf } from "../deep-path.js";
import { nodesIn, type ReportNode } from "../report-tree.js";
import { formatMs } from "../words/format-ms.js";
import {
  countWork,
  describeBound,
  describeDiscarded,
  describeInside,
  formatTimes,
} from "../words/summarize.js";
import { escapeHtml } from "./escape-html.js";
import { percent } from "./percent.js";
import { waterfallHtml } from "./waterfall.js";
import { whereTimeWentHtml } from "./where-time-went.js";

/** One batch: its times, where they went, its calls and what ran inside of them. */
export function batchSection(
  root: ReportNode,
  title: string,
  batchId: string,
): string {
  const { report } = root;
  const { calls, shape, depth } = report;
  const count = countWork([report]);
  const [, ...below] = nodesIn([root]).map(({ node }) => node.report);
  const inside = describeInside(below);
  const facts = [
    count,
    ...(report.kind === "model" ? [] : [shape]),
    ...(depth > 1 ? [`depth ${depth}`] : []),
    ...(inside === undefined ? [] : [`${inside} inside`]),
  ];
  const head = `<header><h2 id="${batchId}-title">${escapeHtml(title)}</h2><p>${facts.join(" · ")} ${beganHtml(report)}</p></header>`;
  if (calls.length === 0) {
    return `<section class="batch" id="${batchId}" aria-labelledby="${batchId}-title">${head}<p>There was nothing to run.</p></section>`;
  }
  const path = deepPathOf(root);
  return `<section class="batch" id="${batchId}" aria-labelledby="${batchId}-title">
${head}
${figuresHtml(report, inside !== undefined)}
${discardedHtml(report)}
${whereTimeWentHtml(path)}
<h3>${report.kind === "model" ? "Request" : "Calls"}</h3>
${waterfallHtml(root, batchId, path)}
</section>`;
}

/** Early runs that were of no use. */
function discardedHtml({ discarded }: BatchReport): string {
  return discarded === undefined
    ? ""
    : `<p class="note">${escapeHtml(describeDiscarded(discarded))}</p>`;
}

function beganHtml({ beganAt }: BatchReport): string {
  const date = new Date(beganAt);
  if (Number.isNaN(date.getTime())) return "";
  const iso = date.toISOString();
  return `· <time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

/** One of the three times at the top of a batch. */
interface Figure {
  /** The class of its bar. */
  readonly kind: string;
  readonly term: string;
  readonly ms: number;
  readonly note: string;
}

/**
 * Three times side by side: what the batch took, its bound, its sum.
 *
 * @param hasInside calls have run inside of its calls, whose waits count as running
 */
function figuresHtml(report: BatchReport, hasInside: boolean): string {
  const { durationMs, sumMs, lowerBound } = report;
  const figures: Figure[] = [
    {
      kind: "took",
      term: "took",
      ms: durationMs,
      note: compareWithBound(lowerBound.ratio),
    },
    {
      kind: "bound",
      term: "lower bound",
      ms: lowerBound.ms,
      note: `${escapeHtml(describeBound(lowerBound))}${hasInside ? ", of calls that run as long" : ""}`,
    },
    {
      kind: "sum",
      term: "one at a time",
      ms: sumMs,
      note: compareWithSum(sumMs, durationMs),
    },
  ];
  const most = Math.max(...figures.map(({ ms }) => ms));
  return `<dl class="figures">${figures.map((one) => figureHtml(one, most)).join("")}</dl>`;
}

function compareWithBound(ratio: number | undefined): string {
  if (ratio === undefined) return "";
  const times = formatTimes(ratio);
  return times === "1.00"
    ? "no schedule could take less"
    : `${times} times the lower bound`;
}

function compareWithSum(sumMs: number, durationMs: number): string {
  if (!(durationMs > 0 && sumMs > 0)) return "";
  const times = formatTimes(sumMs / durationMs);
  return times === "1.00" ? "just as long" : `${times} times as long`;
}

function figureHtml({ kind, term, ms, note }: Figure, most: number): string {
  const bar = `<svg class="measure ${kind}" width="100%" height="6" aria-hidden="true"><rect class="all" width="100%" height="6" rx="3"/><rect class="part" width="${percent(ms, most)}" height="6" rx="3"/></svg>`;
  return `<div><dt>${term}</dt><dd><b>${formatMs(ms)}</b>${bar}<span class="note">${note}</span></dd></div>`;
}
