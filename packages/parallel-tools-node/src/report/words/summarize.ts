import type {
  BatchReport,
  DiscardedCall,
  LowerBound,
} from "../batch-report.js";
import { formatMs } from "./format-ms.js";
import { MOST_NAME, printable } from "./printable.js";
import { WAIT_REASONS, WAIT_WORDS } from "./wait-words.js";

const MOST_DISCARDED = 3;

/**
 * Describes a batch as a whole, in one to three sentences.
 *
 * @param hasInside calls have run inside of its calls, whose waits count as running
 */
export function summarize(report: BatchReport, hasInside = false): string[] {
  const { durationMs, sumMs, lowerBound, waitedMs, kind } = report;
  const compared =
    kind === "model"
      ? `, of which it ran for ${formatMs(sumMs)}`
      : compareWithSum(sumMs, durationMs, hasInside);
  const sentences = [
    `${countWork([report])} in ${formatMs(durationMs)}${compared}.`,
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
    const who = kind === "model" ? "It" : "All calls together";
    sentences.push(`${who} waited for: ${waited.join(", ")}.`);
  }
  if (report.discarded !== undefined) {
    sentences.push(describeDiscarded(report.discarded));
  }
  if (report.resumeMs !== undefined) {
    sentences.push(
      `The call around them then waited ${formatMs(report.resumeMs)} for a slot to go on.`,
    );
  }
  return sentences;
}

/** Early runs that nobody took: `2 early runs were discarded: search (...), ...`. */
export function describeDiscarded(discarded: readonly DiscardedCall[]): string {
  const shown = discarded
    .slice(0, MOST_DISCARDED)
    .map(({ name, why }) => `${printable(name, MOST_NAME)} (${why})`);
  const more = discarded.length - shown.length;
  if (more > 0) shown.push(`${more} more`);
  const runs =
    discarded.length === 1
      ? "1 early run was"
      : `${discarded.length} early runs were`;
  return `${runs} discarded: ${shown.join(", ")}.`;
}

/** How much ran inside of the calls of a batch; `undefined` if nothing did. */
export function describeInside(
  inside: readonly BatchReport[],
): string | undefined {
  if (inside.length === 0) return undefined;
  const ofTools = toolBatches(inside);
  const calls = `${countWork(ofTools)} in ${countBatches(ofTools.length)}`;
  return withRequests(calls, inside, ofTools);
}

/** The calls of batches: `3 calls`, `1 call and 2 requests to a model`. */
export function countWork(reports: readonly BatchReport[]): string {
  const ofTools = toolBatches(reports);
  const calls = ofTools.reduce((sum, report) => sum + report.calls.length, 0);
  return withRequests(countCalls(calls), reports, ofTools);
}

/** Those of messages, not of requests to a model. */
export function toolBatches(reports: readonly BatchReport[]): BatchReport[] {
  return reports.filter(({ kind }) => kind !== "model");
}

function withRequests(
  calls: string,
  reports: readonly BatchReport[],
  ofTools: readonly BatchReport[],
): string {
  const requests = reports.length - ofTools.length;
  if (requests === 0) return calls;
  if (ofTools.length === 0) return countRequests(requests);
  return `${calls} and ${countRequests(requests)}`;
}

function countRequests(count: number): string {
  return count === 1 ? "1 request to a model" : `${count} requests to a model`;
}

/** `1 batch`, `12 batches`. */
export function countBatches(count: number): string {
  return count === 1 ? "1 batch" : `${count} batches`;
}

/** `1 call`, `12 calls`. */
function countCalls(count: number): string {
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
