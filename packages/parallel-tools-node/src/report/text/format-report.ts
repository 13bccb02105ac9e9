import process from "node:process";
import { ConfigurationError } from "../../errors/configuration-error.js";
import { readFields } from "../../policy/read-fields.js";
import type { BatchReport, CallReport } from "../batch-report.js";
import { deepPathOf } from "../deep-path.js";
import { nodesIn, type ReportNode, treesOf } from "../report-tree.js";
import { type Segment, timelineOf } from "../timeline.js";
import { OUTCOME_WORDS, ranMsOf, toolName } from "../words/call-words.js";
import { formatMs } from "../words/format-ms.js";
import { jsonOf } from "../words/json-of.js";
import { printable } from "../words/printable.js";
import { describeInside, summarize } from "../words/summarize.js";
import { describeWait } from "../words/wait-words.js";
import { columnsOf, fit } from "./columns.js";
import { createPaint, type Paint, takesColor } from "./paint.js";
import { drawAxis, drawBar, drawLegend } from "./waterfall.js";
import { wrapWords } from "./wrap.js";

/** Options of `formatReport`. */
export interface FormatReportOptions {
  /**
   * Columns that a line may take. An integer of at least 40.
   *
   * @default the width of the terminal, or 80 without a terminal
   */
  width?: number;
  /**
   * Whether to colour with ANSI codes. Bars can be told apart without colour.
   *
   * @default whether standard output is a terminal; `NO_COLOR` and
   *   `FORCE_COLOR` are respected
   */
  color?: boolean;
}

const LEAST_WIDTH = 40;

/** The largest shares of a line that the label and the note may take. */
const LABEL_SHARE = 0.3;
const NOTE_SHARE = 0.35;

/** The most characters of a label or a note. */
const MOST_CHARACTERS = 200;

/** The most levels by which a label is indented. */
const MOST_INDENTED = 6;

/**
 * Draws a batch as a waterfall for a terminal or a log: a few sentences, then a
 * line for each call with what it waited for and when it ran. All of it can be
 * read without colour. Texts of tools and models are shortened and lose their
 * control characters. Arguments are shown only where the report has them.
 *
 * Given several reports, it draws those together that belong together: below each
 * call stand the calls of the batches that ran inside of it.
 *
 * @returns lines, without a line end after the last
 * @throws ConfigurationError for invalid options
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
  reports: BatchReport | readonly BatchReport[],
  options: FormatReportOptions = {},
): string {
  const { width, color } = readOptions(options);
  const paint = createPaint(color);
  const drawn = treesOf(reports).map((root) => drawTree(root, width, paint));
  return drawn.join("\n\n");
}

/** A batch and all that ran inside of it, on one axis of time. */
function drawTree(root: ReportNode, width: number, paint: Paint): string {
  const { calls, durationMs } = root.report;
  const summary = summarizeTree(root).flatMap((sentence) =>
    wrapWords(sentence, width),
  );
  if (calls.length === 0) return summary.join("\n");
  const rows = rowsOf(root, 0, deepPathOf(root).critical);
  const widths = layOut(rows, width);
  const margin = " ".repeat(widths.label + 1);
  const axis = `${margin}${drawAxis(durationMs, widths.bar)}`.trimEnd();
  const lines = rows.map(({ label, segments, note, isCritical }) => {
    const name = fit(label, widths.label);
    const bar = drawBar(segments, durationMs, widths.bar, paint);
    const line = `${isCritical ? paint(1, name) : name} ${bar}`;
    return `${line} ${fit(note, widths.note)}`.trimEnd();
  });
  const segments = rows.flatMap((row) => row.segments);
  const legend = drawLegend(segments, width, paint);
  return [...summary, "", axis, ...lines, "", ...legend].join("\n");
}

function summarizeTree(root: ReportNode): string[] {
  const [, ...inside] = nodesIn([root]).map(({ node }) => node.report);
  const ran = describeInside(inside);
  const sentences = summarize(root.report, ran !== undefined);
  return ran === undefined
    ? sentences
    : [...sentences, `Inside of its calls ran ${ran}.`];
}

/** A row for each call of a batch, and below it those that ran inside of it. */
function rowsOf(
  node: ReportNode,
  level: number,
  path: ReadonlyMap<ReportNode, ReadonlySet<number>>,
): Row[] {
  const { calls, inside } = node;
  const critical = path.get(node);
  const digits = Math.max(...calls.map(({ ordinal }) => `${ordinal}`.length));
  const indent = "  ".repeat(Math.min(level, MOST_INDENTED));
  return calls.flatMap((call): Row[] => {
    const isCritical = critical?.has(call.index) === true;
    const ordinal = `${call.ordinal}`.padStart(digits);
    const row = {
      label: `${isCritical ? "*" : " "} ${indent}${ordinal} ${labelOf(call)}`,
      segments: timelineOf(call),
      note: noteOf(call),
      isCritical,
    };
    const below = inside.get(call.index) ?? [];
    return [row, ...below.flatMap((one) => rowsOf(one, level + 1, path))];
  });
}

interface Row {
  readonly label: string;
  readonly segments: readonly Segment[];
  readonly note: string;
  readonly isCritical: boolean;
}

/** Columns of the three parts of a line. One blank stands between two parts. */
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

/** The name of a call's tool, with the arguments if the report has them. */
function labelOf(call: CallReport): string {
  const args = "args" in call ? ` ${jsonOf(call.args) ?? ""}` : "";
  return printable(`${toolName(call)}${args}`, MOST_CHARACTERS).trimEnd();
}

/** How long a call ran, how it ended unless it is `ok`, and its waits. */
function noteOf(call: CallReport): string {
  const { outcome, attempts, sameAs, waits } = call;
  const waited = waits.map((wait) =>
    wait.for === "dependency"
      ? `after ${describeWait(wait)}`
      : `${describeWait(wait)} ${formatMs(wait.ms)}`,
  );
  const notes = [
    ...(attempts > 0 ? [formatMs(ranMsOf(call))] : []),
    ...(outcome === "ok" ? [] : [OUTCOME_WORDS[outcome]]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
    ...(sameAs === undefined || attempts > 0
      ? waited
      : [`the answer of call ${sameAs + 1}`]),
  ];
  return printable(notes.join(", "), MOST_CHARACTERS);
}

/** @throws ConfigurationError */
function readOptions(value: unknown): Required<FormatReportOptions> {
  const { width, color } = readFields("options", value, ["width", "color"]);
  if (
    width !== undefined &&
    !(Number.isSafeInteger(width) && (width as number) >= LEAST_WIDTH)
  ) {
    const expected = `an integer of at least ${LEAST_WIDTH}`;
    throw new ConfigurationError("width", expected, width);
  }
  if (color !== undefined && typeof color !== "boolean") {
    throw new ConfigurationError("color", "a boolean", color);
  }
  const { columns, isTTY } = process.stdout;
  return {
    // `columns` is missing or 0 where there is no terminal.
    width: (width as number) ?? Math.max(LEAST_WIDTH, columns || 80),
    color: color ?? takesColor(process.env, isTTY),
  };
}
