import { ConfigurationError } from "../../errors/configuration-error.js";
import { readFields } from "../../policy/read-fields.js";
import type { BatchReport } from "../batch-report.js";
import { nodesIn, type ReportNode, treesOf } from "../report-tree.js";
import { formatMs } from "../words/format-ms.js";
import { printable } from "../words/printable.js";
import { countBatches, countWork, toolBatches } from "../words/summarize.js";
import { batchSection } from "./batch-section.js";
import { escapeHtml } from "./escape-html.js";
import { pageHtml } from "./page.js";

/** Options of `reportToHtml`. */
export interface ReportToHtmlOptions {
  /**
   * The title of the page.
   *
   * @default "Tool calls"
   */
  title?: string;
  /**
   * The title of each batch, in the order of the reports. Batches that ran inside
   * of others have none.
   *
   * @default "Batch 1", "Batch 2" and so on
   */
  titles?: readonly string[];
}

/** The most characters of a title. */
const MOST_TITLE = 200;

/**
 * Writes a page that shows what ran: for each batch a waterfall of its calls, with
 * what each call waited for, when it ran, how it ended and what it depended on,
 * the critical path and the lower bound. Below a call is folded away what ran
 * inside of it, if the reports of those batches are given, too. The page is one file that loads nothing
 * else. It works without scripts, by keyboard and with a screen reader, in light
 * and dark. Texts of tools and models are escaped. Arguments are in it only where
 * the report has them, results never.
 *
 * @returns an HTML document
 * @throws ConfigurationError for invalid options
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
  const { title, titles } = readOptions(options);
  const batches = treesOf(reports).map((root, i) => ({
    root,
    id: `batch-${i + 1}`,
    title: printable(titles[root.place] ?? `Batch ${i + 1}`, MOST_TITLE),
  }));
  return pageHtml({
    title: printable(title, MOST_TITLE),
    intro: introHtml(batches),
    sections: batches.map((batch) =>
      batchSection(batch.root, batch.title, batch.id),
    ),
  });
}

interface Batch {
  readonly root: ReportNode;
  readonly id: string;
  readonly title: string;
}

/** What is on the page. Several batches are listed with links. */
function introHtml(batches: readonly Batch[]): string {
  const nodes = nodesIn(batches.map(({ root }) => root));
  const reports = nodes.map(({ node }) => node.report);
  const facts = `<p>${countBatches(toolBatches(reports).length)}, ${countWork(reports)}</p>`;
  if (batches.length < 2) return facts;
  const items = batches.map(
    ({ root, id, title }) =>
      `<li><a href="#${id}">${escapeHtml(title)}</a><span>${countWork([root.report])}, ${formatMs(root.report.durationMs)}</span></li>`,
  );
  return `${facts}<nav aria-label="Batches"><ul class="batches">${items.join("")}</ul></nav>`;
}

/** @throws ConfigurationError */
function readOptions(value: unknown): Required<ReportToHtmlOptions> {
  const fields = readFields("options", value, ["title", "titles"]);
  const { title = "Tool calls", titles = [] } = fields;
  if (typeof title !== "string") {
    throw new ConfigurationError("title", "a string", title);
  }
  if (!Array.isArray(titles) || titles.some((one) => typeof one !== "string")) {
    throw new ConfigurationError("titles", "an array of strings", titles);
  }
  return { title, titles };
}
