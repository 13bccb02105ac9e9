import type { Diagnosis } from "../diagnosis.js";
import type { Finding } from "../finding.js";
import { CLAIM } from "./claim.js";
import { describeTurns } from "./describe-turns.js";
import { listAdvice } from "./list-advice.js";
import { notesOn } from "./notes-on.js";
import { placeOf } from "./place-of.js";
import { summarize } from "./summarize.js";
import { wrap } from "./wrap.js";

/** What a piece of text is, for whoever colours it. */
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

/**
 * A diagnosis as text, for a terminal or a log. Names come without control
 * characters, so that no tool can write to a terminal by its name.
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
  const lines: string[] = [...wrap(summarize(diagnosis).join(" "), width)];
  const heading = (text: string) => {
    const wrapped = wrap(text, width).map((line) => paint("heading", line));
    lines.push("", ...wrapped, "");
  };
  if (patterns.length > 0) {
    heading("Most frequent: times, turns, calls that could have shared one");
    for (const { count, turnsSaved, isNPlusOne, text } of patterns) {
      const figures = `${String(count).padStart(6)}  ${String(turnsSaved).padStart(6)}  `;
      const [first = "", ...rest] = wrap(
        `${text}${isNPlusOne ? " (N+1)" : ""}`,
        width,
        figures.length,
      );
      lines.push(`${figures}${first.trimStart()}`, ...rest);
    }
  }
  for (const [index, finding] of findings.entries()) {
    heading(`${index + 1}. ${placeOf(finding)}`);
    lines.push(...formatFinding(finding, width, paint));
  }
  if (findingCount > findings.length) {
    lines.push("", `${findingCount - findings.length} findings are not shown.`);
  }
  const advice = listAdvice(diagnosis);
  if (advice.length > 0) {
    heading("What to change");
    for (const { text } of advice) lines.push(...bullet(text, width));
  }
  if (unknownTools.length > 0) {
    heading("Counted as writers, since nothing is said of them");
    const shown = unknownTools
      .slice(0, MAX_TOOLS)
      .map(({ name, calls }) => `${name} (${calls})`);
    const rest = unknownTools.length - shown.length;
    if (rest > 0) shown.push(`and ${rest} more`);
    lines.push(...wrap(shown.join(", "), width, 2));
  }
  if (findings.length > 0) {
    heading("What this claims");
    lines.push(...wrap(CLAIM, width, 2).map((line) => paint("dim", line)));
  }
  return lines.join("\n");
}

function formatFinding(
  finding: Finding,
  width: number,
  paint: NonNullable<FormatDiagnosisOptions["paint"]>,
): string[] {
  const { turns, turnsNeeded, secondsSaved } = finding;
  const lines: string[] = [];
  if (turnsNeeded < turns) {
    const time = secondsSaved === undefined ? "" : `, about ${secondsSaved} s`;
    const saved = `${turns} turns, ${turnsNeeded} would have done${time}`;
    lines.push(...wrap(saved, width, 3).map((line) => paint("good", line)));
  }
  for (const { turn, calls, was, because } of describeTurns(finding)) {
    lines.push(...wrap(`${turn}. ${calls}`, width, 3, 6));
    lines.push(...wrap(was, width, 6).map((line) => paint("dim", line)));
    for (const reason of because) {
      lines.push(
        ...wrap(reason, width, 6, 8).map((line) => paint("dim", line)),
      );
    }
  }
  for (const note of notesOn(finding)) lines.push(...wrap(note, width, 3, 6));
  return lines;
}

function bullet(text: string, width: number): string[] {
  return wrap(`- ${text}`, width, 2, 4);
}
