import type { BatchReport } from "../batch-report.js";
import { type Segment, timelineOf } from "../timeline.js";
import { summarize } from "../words/summarize.js";
import { labelOf, noteOf } from "./call-words.js";
import { columnsOf, fit } from "./columns.js";
import { drawAxis } from "./draw-axis.js";
import { drawBar } from "./draw-bar.js";
import { drawLegend } from "./draw-legend.js";
import { createPaint } from "./paint.js";
import { type FormatReportOptions, readTextOptions } from "./text-options.js";
import { wrapWords } from "./wrap.js";

/** The most of a line that names and notes may take. */
const LABEL_SHARE = 0.3;
const NOTE_SHARE = 0.35;

/**
 * Draws a batch as a waterfall for a terminal or a log: a few sentences, then a
 * line for each call. What a call waited for and when it ran can be told apart
 * without colour. What tools and models have named is shown without control
 * characters, and shortened; arguments only where the report has them.
 *
 * @returns lines without an end of line after the last
 * @throws ConfigurationError for options that are not what they have to be
 * @example
 * ```ts
 * import { ParallelToolNode } from "parallel-tools-node";
 * import { formatReport } from "parallel-tools-node/report";
 *
 * export const tools = new ParallelToolNode([], {
 *   onReport: (report) => console.log(formatReport(report)),
 * });
 * ```
 */
export function formatReport(
  report: BatchReport,
  options: FormatReportOptions = {},
): string {
  const { width, color } = readTextOptions(options);
  const paint = createPaint(color);
  const { calls, criticalPath, durationMs } = report;
  const summary = summarize(report).flatMap((sentence) =>
    wrapWords(sentence, width),
  );
  if (calls.length === 0) return summary.join("\n");
  const critical = new Set(criticalPath);
  const digits = Math.max(...calls.map(({ ordinal }) => `${ordinal}`.length));
  const rows = calls.map((call): Row => {
    const isCritical = critical.has(call.index);
    const ordinal = `${call.ordinal}`.padStart(digits);
    return {
      label: `${isCritical ? "*" : " "} ${ordinal} ${labelOf(call)}`,
      segments: timelineOf(call),
      note: noteOf(call),
      isCritical,
    };
  });
  const widths = layOut(rows, width);
  const margin = " ".repeat(widths.label + 1);
  const axis = `${margin}${drawAxis(durationMs, widths.bar)}`.trimEnd();
  const drawn = rows.map(({ label, segments, note, isCritical }) => {
    const name = fit(label, widths.label);
    const bar = drawBar(segments, durationMs, widths.bar, paint);
    const line = `${isCritical ? paint(1, name) : name} ${bar}`;
    return `${line} ${fit(note, widths.note)}`.trimEnd();
  });
  const segments = rows.flatMap((row) => row.segments);
  const legend = drawLegend(segments, width, paint);
  return [...summary, "", axis, ...drawn, "", ...legend].join("\n");
}

interface Row {
  readonly label: string;
  readonly segments: readonly Segment[];
  readonly note: string;
  readonly isCritical: boolean;
}

/** Columns of the three parts of a line, which two blanks keep apart. */
function layOut(rows: readonly Row[], width: number) {
  const longest = (texts: readonly string[]) =>
    texts.reduce((most, text) => Math.max(most, columnsOf(text)), 0);
  const label = Math.min(
    longest(rows.map((row) => row.label)),
    Math.floor(width * LABEL_SHARE),
  );
  const note = Math.min(
    longest(rows.map((row) => row.note)),
    Math.floor(width * NOTE_SHARE),
  );
  return { label, note, bar: width - label - note - 2 };
}
