import { findReferences } from "../../plan/references/find-references.js";
import type { EagerStart } from "../finding.js";
import type {
  RecordedConversation,
  RecordedSpan,
} from "../recorded-conversation.js";
import type { AccessBook } from "./access-book.js";
import { findConflict } from "./find-conflict.js";
import type { AnalyzedCall } from "./find-needs.js";
import type { Stretch, Turn } from "./stretch.js";

/** A longer time holds more than writing: a pause, or a clock that was set. */
const MAX_WRITING_MS = 600_000;
/** Calls that begin later waited for more than their message, e.g. for a human. */
const MAX_START_MS = 1_000;
/** Less is within what starts and clocks vary. */
const MIN_SAVED_MS = 100;

/** When a message was written and when its calls ran, in their order. */
interface MessageTimes {
  readonly writingMs: number;
  readonly spans: readonly RecordedSpan[];
}

/**
 * Finds messages whose calls could have started while they were being written,
 * and estimates what that would have saved.
 *
 * Call k of n is taken to be complete after k/n of the time of writing. Then the
 * recorded starts are moved forward, in their order: each as far as its call was
 * complete, and none further than the start before it. So no more calls run at a
 * time than in the recording, and none follow each other faster: caps and rates
 * hold without being known. Where n equal calls of p and a cap of m took
 * `S + n p / m`, S being the time of writing, this gives `max(S + p, m S / n +
 * n p / m)`: the last of the m slots is first taken by call m.
 */
export function findEagerStarts(
  { turns }: Stretch,
  calls: readonly AnalyzedCall[],
  conversation: RecordedConversation,
  book: AccessBook,
): EagerStart[] {
  return turns.flatMap((turn, place) => {
    const times = timesOf(turn, conversation);
    if (times === undefined) return [];
    const own = turn.calls.map(({ index }) => calls[index] as AnalyzedCall);
    const moves = movesOf(times, (at) => mayStartEarly(own, at, book));
    const ends = times.spans.map(({ endMs }) => endMs);
    const movedEnds = ends.map((endMs, at) => endMs - (moves[at] as number));
    const savedMs = Math.round(Math.max(...ends) - Math.max(...movedEnds));
    if (savedMs < MIN_SAVED_MS) return [];
    return [
      {
        turn: place + 1,
        calls: turn.calls
          .filter((_, at) => (moves[at] as number) > 0)
          .map(({ index }) => index),
        secondsSaved: savedMs / 1_000,
      },
    ];
  });
}

/** Reads may start early, unless they wait for another call of the message. */
function mayStartEarly(
  own: readonly AnalyzedCall[],
  at: number,
  book: AccessBook,
): boolean {
  const { call, access } = own[at] as AnalyzedCall;
  return (
    book.mayStartEarly(call) &&
    findReferences(call.args, true).length === 0 &&
    own
      .slice(0, at)
      .every(
        (earlier) =>
          findConflict(earlier.access, access) === undefined &&
          !book.isOrdered(earlier.call, call),
      )
  );
}

/** By how much each call could have started earlier, in milliseconds. */
function movesOf(
  { writingMs, spans }: MessageTimes,
  mayStart: (at: number) => boolean,
): number[] {
  // What passes before the first start passes before an early one, too.
  const firstMs = Math.min(...spans.map(({ startMs }) => startMs));
  const moves = spans.map(({ startMs }, at) => {
    const unwritten = mayStart(at) ? 1 - (at + 1) / spans.length : 0;
    return startMs - firstMs + writingMs * unwritten;
  });
  const inOrder = [...spans.keys()].sort(
    (one, other) => spans[one]!.startMs - spans[other]!.startMs,
  );
  let least = Number.POSITIVE_INFINITY;
  for (const at of inOrder) {
    least = Math.min(least, moves[at] as number);
    moves[at] = least;
  }
  return moves;
}

/** `undefined`: a time is not recorded, or the times fit no writing and running. */
function timesOf(
  turn: Turn,
  { callSpans, modelSpans }: RecordedConversation,
): MessageTimes | undefined {
  const { calls } = turn;
  if (calls.length < 2 || turn.isSplit) return undefined;
  const [model, ...others] = new Set(
    calls.map(({ id }) => (id === undefined ? undefined : modelSpans?.get(id))),
  );
  if (others.length > 0) return undefined;
  const sinceMs = model?.firstTokenMs ?? model?.startMs ?? turn.sinceMs;
  const writtenMs = model?.endMs ?? turn.atMs;
  if (sinceMs === undefined || writtenMs === undefined) return undefined;
  const spans = calls.flatMap(({ id, answeredMs }): RecordedSpan[] => {
    const span = id === undefined ? undefined : callSpans?.get(id);
    if (span !== undefined) return [span];
    if (answeredMs === undefined) return [];
    return [{ startMs: writtenMs, endMs: answeredMs }];
  });
  if (spans.length < calls.length) return undefined;
  const writingMs = writtenMs - sinceMs;
  const lateMs = Math.min(...spans.map(({ startMs }) => startMs)) - writtenMs;
  const isSound =
    writingMs > 0 &&
    writingMs <= MAX_WRITING_MS &&
    lateMs >= 0 &&
    lateMs <= MAX_START_MS &&
    spans.every(({ startMs, endMs }) => startMs <= endMs);
  return isSound ? { writingMs, spans } : undefined;
}
