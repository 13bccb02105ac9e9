import type { BatchReport, LowerBound } from "../batch-report.js";
import { formatMs } from "./format-ms.js";
import { MOST_NAME, printable } from "./printable.js";
import { WAIT_REASONS, WAIT_WORDS } from "./wait-words.js";

/**
 * Describes a batch as a whole, in one to three sentences.
 *
 * @param hasInside calls have run inside of its calls, whose waits count as running
 */
export function summarize(report: BatchReport, hasInside = false): string[] {
  const { calls, durationMs, sumMs, lowerBound, waitedMs } = report;
  const count = countCalls(calls.length);
  const sentences = [
    `${count} in ${formatMs(durationMs)}${compareWithSum(sumMs, durationMs, hasInside)}.`,
  ];
  if (lowerBound.ratio !== undefined) {
    const times = formatTimes(lowerBound.ratio);
    sentences.push(
      `No schedule${hasInside ? " of calls that run as long" : ""} could take less than ${formatMs(lowerBound.ms)}, by ${describeBound(lowerBound)}: this one took ${times === "1.00" ? "just that" : `${times} times that`}.`,
    );
  }
  const waited = WAIT_REASONS.filter((reason) => waitedMs[reason] > 0).map(
    (reason) => `${WAIT_WORDS[reason]} ${formatMs(waitedMs[reason])}`,
  );
  if (waited.length > 0) {
    sentences.push(`All calls together waited for: ${waited.join(", ")}.`);
  }
  if (report.resumeMs !== undefined) {
    sentences.push(
      `The call around them then waited ${formatMs(report.resumeMs)} for a slot to go on.`,
    );
  }
  return sentences;
}

/** How much ran inside of the calls of a batch; `undefined` if nothing did. */
export function describeInside(
  inside: readonly BatchReport[],
): string | undefined {
  if (inside.length === 0) return undefined;
  const calls = inside.reduce((sum, report) => sum + report.calls.length, 0);
  return `${countCalls(calls)} in ${countBatches(inside.length)}`;
}

/** `1 batch`, `12 batches`. */
export function countBatches(count: number): string {
  return count === 1 ? "1 batch" : `${count} batches`;
}

/** `1 call`, `12 calls`. */
export function countCalls(count: number): string {
  return count === 1 ? "1 call" : `${count} calls`;
}

/** What sets a lower bound: `the longest path`, `the cap of tool search`. */
export function describeBound({ by, limit }: LowerBound): string {
  return by === "path"
    ? "the longest path"
    : `the ${WAIT_WORDS[by]} of ${printable(limit ?? "", MOST_NAME)}`;
}

/** A factor for people: `1.05`, `2.5`, `31`. */
export function formatTimes(factor: number): string {
  if (factor < 1.995) return factor.toFixed(2);
  return factor < 19.95 ? factor.toFixed(1) : factor.toFixed(0);
}

function compareWithSum(
  sumMs: number,
  durationMs: number,
  hasInside: boolean,
): string {
  if (sumMs === 0 || durationMs === 0) return "";
  const alone = hasInside
    ? `one at a time, calls that run as long take ${formatMs(sumMs)}`
    : `one at a time they run for ${formatMs(sumMs)}`;
  const factor = sumMs / durationMs;
  return factor > 1.005
    ? `; ${alone}, ${formatTimes(factor)} times as long`
    : `; ${alone}`;
}
