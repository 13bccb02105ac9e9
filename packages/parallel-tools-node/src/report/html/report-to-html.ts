import type { BatchReport } from "../batch-report.js";
import { formatMs } from "../words/format-ms.js";
import { printable } from "../words/printable.js";
import { batchSection } from "./batch-section.js";
import { escapeHtml } from "./escape-html.js";
import { type ReportToHtmlOptions, readHtmlOptions } from "./html-options.js";
import { pageHtml } from "./page.js";

const MOST_TITLE = 200;

/**
 * A page that shows what ran: for each batch a waterfall of its calls, with what
 * each one waited for, when it ran and how it ended, its dependencies, the
 * critical path and the lower bound. One file that loads nothing else; it can be
 * read without scripts, by keyboard and by a screen reader, in light and dark.
 * What tools and models have named is escaped. Arguments are in it only where
 * the report has them, results never.
 *
 * @returns an HTML document
 * @throws ConfigurationError for options that are not what they have to be
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { type BatchReport, ParallelToolNode } from "parallel-tools-node";
 * import { reportToHtml } from "parallel-tools-node/report";
 *
 * const reports: BatchReport[] = [];
 *
 * export const tools = new ParallelToolNode([], {
 *   onReport: (report) => reports.push(report),
 * });
 *
 * process.on("exit", () => {
 *   writeFileSync("tool-calls.html", reportToHtml(reports));
 * });
 * ```
 */
export function reportToHtml(
  reports: BatchReport | readonly BatchReport[],
  options: ReportToHtmlOptions = {},
): string {
  const { title, titles } = readHtmlOptions(options);
  const batches = [reports].flat().map((report, i) => ({
    report,
    id: `batch-${i + 1}`,
    title: printable(titles[i] ?? `Batch ${i + 1}`, MOST_TITLE),
  }));
  return pageHtml({
    title: printable(title, MOST_TITLE),
    intro: introHtml(batches),
    sections: batches.map((batch) =>
      batchSection(batch.report, batch.title, batch.id),
    ),
  });
}

interface Batch {
  readonly report: BatchReport;
  readonly id: string;
  readonly title: string;
}

/** What there is on the page; of several batches a list of them. */
function introHtml(batches: readonly Batch[]): string {
  const calls = batches.reduce(
    (sum, { report }) => sum + report.calls.length,
    0,
  );
  const facts = `<p>${numbered(batches.length, "batch", "batches")}, ${numbered(calls, "call", "calls")}</p>`;
  if (batches.length < 2) return facts;
  const items = batches.map(
    ({ report, id, title }) =>
      `<li><a href="#${id}">${escapeHtml(title)}</a><span>${numbered(report.calls.length, "call", "calls")}, ${formatMs(report.durationMs)}</span></li>`,
  );
  return `${facts}<nav aria-label="Batches"><ul class="batches">${items.join("")}</ul></nav>`;
}

function numbered(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
