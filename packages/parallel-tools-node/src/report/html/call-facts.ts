import type { CallReport, Wait } from "../batch-report.js";
import { formatMs } from "../words/format-ms.js";
import { describeWait } from "../words/wait-words.js";

/** How long a call ran, all attempts together. */
export function ranMsOf({ runs }: CallReport): number {
  return runs.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

/** How a call ended, in one word or two. */
export function outcomeWords(call: CallReport): string {
  const { outcome, attempts, sameAs } = call;
  return attempts === 0 && sameAs !== undefined && outcome === "ok"
    ? "shared"
    : outcome;
}

/** A span of time: `180 ms, from 0 ms to 180 ms`. */
export function spanWords(startMs: number, endMs: number): string {
  return `${formatMs(endMs - startMs)}, from ${formatMs(startMs)} to ${formatMs(endMs)}`;
}

/** What a screen reader says of a call, after its number and name. */
export function callSentence(call: CallReport, isCritical: boolean): string {
  const { waits, attempts } = call;
  const ran =
    attempts === 0
      ? "not run"
      : `ran ${formatMs(ranMsOf(call))}${attempts > 1 ? ` in ${attempts} attempts` : ""}`;
  return [
    outcomeWords(call),
    ...waits.map(waitedWords),
    ran,
    ...(isCritical ? ["on the critical path"] : []),
  ].join(", ");
}

function waitedWords(wait: Wait): string {
  return `waited ${formatMs(wait.ms)} for ${describeWait(wait)}`;
}
