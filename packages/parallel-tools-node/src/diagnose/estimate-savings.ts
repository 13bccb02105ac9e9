import type { FewestTurns } from "./evidence/find-fewest-turns.js";
import type { Stretch, Turn } from "./evidence/stretch.js";
import type {
  RecordedConversation,
  RecordedSpan,
} from "./recorded-conversation.js";

/** How long a turn took, in milliseconds. */
interface TurnTime {
  readonly modelMs: number;
  readonly toolsMs: number;
}

/**
 * Estimates the seconds that fewer turns would have saved: merged turns take as
 * long as the slowest answer of the model and the slowest calls among them.
 *
 * @returns `undefined` if the times of a turn are not recorded
 */
export function estimateSavings(
  { turns }: Stretch,
  { merged }: FewestTurns,
  conversation: RecordedConversation,
): number | undefined {
  const times = turns.map((turn) => timeOf(turn, conversation));
  let savedMs = 0;
  for (const group of merged) {
    const own = group.map((turn) => times[turn]);
    const known = own.filter((time) => time !== undefined);
    if (known.length < own.length) return undefined;
    for (const part of ["modelMs", "toolsMs"] as const) {
      const all = known.map((time) => time[part]);
      savedMs += all.reduce((sum, ms) => sum + ms, 0) - Math.max(...all);
    }
  }
  return Math.round(savedMs) / 1_000;
}

function timeOf(
  { calls, sinceMs, atMs }: Turn,
  { callSpans, modelSpans }: RecordedConversation,
): TurnTime | undefined {
  const spans = calls.map(({ id, answeredMs }): RecordedSpan | undefined => {
    const span = id === undefined ? undefined : callSpans?.get(id);
    if (span !== undefined) return span;
    if (atMs === undefined || answeredMs === undefined) return undefined;
    return { startMs: atMs, endMs: Math.max(atMs, answeredMs) };
  });
  const known = spans.filter((span) => span !== undefined);
  if (known.length < spans.length) return undefined;
  const model = calls
    .map(({ id }) => (id === undefined ? undefined : modelSpans?.get(id)))
    .find((span) => span !== undefined);
  const modelMs =
    model === undefined
      ? atMs === undefined || sinceMs === undefined
        ? undefined
        : Math.max(0, atMs - sinceMs)
      : model.endMs - model.startMs;
  if (modelMs === undefined) return undefined;
  const toolsMs =
    Math.max(...known.map(({ endMs }) => endMs)) -
    Math.min(...known.map(({ startMs }) => startMs));
  return { modelMs, toolsMs };
}
