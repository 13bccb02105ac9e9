import { wrap } from "../../report/text/wrap.js";
import { printable } from "../../report/words/printable.js";
import type { Diagnosis } from "../diagnosis.js";
import type { Finding } from "../finding.js";
import {
  describeMeaning,
  describeTotals,
  listAdvice,
} from "./describe-diagnosis.js";
import {
  describeNotes,
  describePlace,
  describeSaving,
  describeTurns,
} from "./describe-finding.js";

/** What a piece of text is, so that it can be coloured. */
export type TextRole = "heading" | "good" | "dim";

export interface FormatDiagnosisOptions {
  /**
   * Columns; lines are broken between words. Fewer than 40 count as 40.
   *
   * @default 80
   */
  width?: number;
  /**
   * Colours a piece of text, e.g. with `styleText` of `node:util`.
   *
   * @default none
   */
  paint?: (role: TextRole, text: string) => string;
}

/** Tools that are named of those that count as writers. */
const MAX_TOOLS = 10;
/** Longer words are cut. A path stays whole, so that it can be copied. */
const MAX_WORD = 200;

/**
 * A diagnosis as text, for a terminal or a log. Control characters in names are
 * replaced, so that the name of a tool can't steer a terminal.
 *
 * @example
 * ```ts
 * import { diagnose, formatDiagnosis } from "parallel-tools-node/diagnose";
 *
 * console.log(formatDiagnosis(diagnose([{ role: "user", content: "Hi" }])));
 * // 1 conversation, 0 calls in 0 turns. No turn could have been saved.
 * ```
 */
export function formatDiagnosis(
  diagnosis: Diagnosis,
  options: FormatDiagnosisOptions = {},
): string {
  const width = Math.max(40, options.width || 80);
  const paint = options.paint ?? ((_, text) => text);
  const { findings, findingCount, patterns, unknownTools } = diagnosis;
  const lines: string[] = [...wrapText(describeTotals(diagnosis), width)];
  const heading = (text: string) => {
    const wrapped = wrapText(text, width).map((line) => paint("heading", line));
    lines.push("", ...wrapped, "");
  };
  if (patterns.length > 0) {
    heading("Most frequent: times, turns, calls that could have shared one");
    for (const { count, turnsSaved, isNPlusOne, text } of patterns) {
      const figures = `${String(count).padStart(6)}  ${String(turnsSaved).padStart(6)}  `;
      const [first = "", ...rest] = wrapText(
        `${text}${isNPlusOne ? " (N+1)" : ""}`,
        width,
        figures.length,
      );
      lines.push(`${figures}${first.trimStart()}`, ...rest);
    }
  }
  for (const [index, finding] of findings.entries()) {
    heading(`${index + 1}. ${describePlace(finding)}`);
    lines.push(...formatFinding(finding, width, paint));
  }
  if (findingCount > findings.length) {
    lines.push("", `${findingCount - findings.length} findings are not shown.`);
  }
  const advice = listAdvice(diagnosis);
  if (advice.length > 0) {
    heading("What to change");
    for (const text of advice) {
      lines.push(...wrapText(`- ${text}`, width, 2, 4));
    }
  }
  if (unknownTools.length > 0) {
    heading("Counted as writers, since nothing is said of them");
    const shown = unknownTools
      .slice(0, MAX_TOOLS)
      .map(({ name, calls }) => `${name} (${calls})`);
    const rest = unknownTools.length - shown.length;
    if (rest > 0) shown.push(`and ${rest} more`);
    lines.push(...wrapText(shown.join(", "), width, 2));
  }
  if (findings.length > 0) {
    heading("What this claims");
    const wrapped = wrapText(describeMeaning(diagnosis), width, 2);
    lines.push(...wrapped.map((line) => paint("dim", line)));
  }
  return lines.join("\n");
}

function formatFinding(
  finding: Finding,
  width: number,
  paint: NonNullable<FormatDiagnosisOptions["paint"]>,
): string[] {
  const lines: string[] = [];
  const saving = describeSaving(finding);
  if (saving !== undefined) {
    lines.push(
      ...wrapText(saving, width, 3).map((line) => paint("good", line)),
    );
  }
  for (const { turn, calls, was, because } of describeTurns(finding)) {
    lines.push(...wrapText(`${turn}. ${calls}`, width, 3, 6));
    lines.push(...wrapText(was, width, 6).map((line) => paint("dim", line)));
    for (const reason of because) {
      lines.push(
        ...wrapText(reason, width, 6, 8).map((line) => paint("dim", line)),
      );
    }
  }
  for (const note of describeNotes(finding)) {
    lines.push(...wrapText(note, width, 3, 6));
  }
  return lines;
}

/**
 * Breaks a text into lines of at most `width` columns, between words.
 *
 * @param indent spaces before the first line
 * @param hanging spaces before the others
 */
function wrapText(
  text: string,
  width: number,
  indent = 0,
  hanging = indent,
): string[] {
  const words = text.split(/\s+/).map((word) => {
    const shown = printable(word, MAX_WORD);
    return { text: shown, shown };
  });
  return wrap(words, width, " ", " ".repeat(indent), " ".repeat(hanging));
}
