import type { BatchReport } from "../batch-report.js";
import { escapeHtml } from "./escape-html.js";
import { figuresHtml } from "./figures.js";
import { pathHtml } from "./path-html.js";
import { waterfallHtml } from "./waterfall.js";

/** One batch: its times, where they went, and its calls. */
export function batchSection(
  report: BatchReport,
  title: string,
  batchId: string,
): string {
  const { calls, shape, depth } = report;
  const count = calls.length === 1 ? "1 call" : `${calls.length} calls`;
  const facts = [count, shape, ...(depth > 1 ? [`depth ${depth}`] : [])];
  const head = `<header><h2 id="${batchId}-title">${escapeHtml(title)}</h2><p>${facts.join(" · ")} ${beganHtml(report)}</p></header>`;
  if (calls.length === 0) {
    return `<section class="batch" id="${batchId}" aria-labelledby="${batchId}-title">${head}<p>There was nothing to run.</p></section>`;
  }
  return `<section class="batch" id="${batchId}" aria-labelledby="${batchId}-title">
${head}
${figuresHtml(report)}
${pathHtml(report)}
<h3>Calls</h3>
${waterfallHtml(report, batchId)}
</section>`;
}

function beganHtml({ beganAt }: BatchReport): string {
  const date = new Date(beganAt);
  if (Number.isNaN(date.getTime())) return "";
  const iso = date.toISOString();
  return `· <time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}
