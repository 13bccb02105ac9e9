import type { BatchReport } from "../batch-report.js";
import { describeBound } from "./describe-bound.js";
import { formatMs } from "./format-ms.js";
import { formatTimes } from "./format-times.js";
import { WAIT_REASONS, WAIT_WORDS } from "./wait-words.js";

/** What there is to say of a batch as a whole: one sentence each. */
export function summarize(report: BatchReport): string[] {
  const { calls, durationMs, sumMs, lowerBound, waitedMs } = report;
  const count = calls.length === 1 ? "1 call" : `${calls.length} calls`;
  const sentences = [
    `${count} in ${formatMs(durationMs)}${comparison(sumMs, durationMs)}.`,
  ];
  if (lowerBound.ratio !== undefined) {
    const times = formatTimes(lowerBound.ratio);
    sentences.push(
      `No schedule could take less than ${formatMs(lowerBound.ms)}, by ${describeBound(lowerBound)}: this one took ${times === "1.00" ? "just that" : `${times} times that`}.`,
    );
  }
  const waited = WAIT_REASONS.filter((reason) => waitedMs[reason] > 0).map(
    (reason) => `${WAIT_WORDS[reason]} ${formatMs(waitedMs[reason])}`,
  );
  if (waited.length > 0) {
    sentences.push(`All calls together waited for: ${waited.join(", ")}.`);
  }
  return sentences;
}

function comparison(sumMs: number, durationMs: number): string {
  if (sumMs === 0 || durationMs === 0) return "";
  const alone = `one at a time they run for ${formatMs(sumMs)}`;
  const factor = sumMs / durationMs;
  return factor > 1.005
    ? `; ${alone}, ${formatTimes(factor)} times as long`
    : `; ${alone}`;
}
