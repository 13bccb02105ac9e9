import type { OneByOne } from "../finding.js";
import type {
  RecordedConversation,
  RecordedSpan,
} from "../recorded-conversation.js";
import { findConflict } from "./find-conflict.js";
import type { AnalyzedCall } from "./find-needs.js";
import type { Stretch } from "./stretch.js";

/** Finds calls of one turn that ran one after another without a conflict. */
export function findOneByOne(
  { turns }: Stretch,
  calls: readonly AnalyzedCall[],
  { callSpans }: RecordedConversation,
): OneByOne[] {
  if (callSpans === undefined) return [];
  return turns.flatMap(({ calls: own }, turn) => {
    const spans = own
      .map(({ id }) => (id === undefined ? undefined : callSpans.get(id)))
      .filter((span) => span !== undefined)
      .sort((one, other) => one.startMs - other.startMs);
    if (own.length < 2 || spans.length < own.length) return [];
    if (overlap(spans) || haveConflict(own.map(({ index }) => calls[index]!))) {
      return [];
    }
    const lengths = spans.map(({ startMs, endMs }) => endMs - startMs);
    const sum = lengths.reduce((total, ms) => total + ms, 0);
    const secondsSaved = Math.round(sum - Math.max(...lengths)) / 1_000;
    return [
      { turn: turn + 1, calls: own.map(({ index }) => index), secondsSaved },
    ];
  });
}

function overlap(spans: readonly RecordedSpan[]): boolean {
  return spans.some(
    ({ startMs }, place) => place > 0 && startMs < spans[place - 1]!.endMs,
  );
}

function haveConflict(calls: readonly AnalyzedCall[]): boolean {
  return calls.some(({ access }, place) =>
    calls
      .slice(0, place)
      .some((earlier) => findConflict(earlier.access, access) !== undefined),
  );
}
