import type { Finding, FoundCall } from "../finding.js";

/** Reasons that are shown for one turn. */
const MAX_REASONS = 3;

/** One turn of the shorter course, in words. */
export interface DescribedTurn {
  /** 1-based. */
  readonly turn: number;
  /** E.g. `get_order x 3, get_user`. */
  readonly calls: string;
  /** E.g. `was turn 4` or `were turns 2 to 7`. */
  readonly was: string;
  /** E.g. `` after list_orders: its output showed `id` first ``. */
  readonly because: readonly string[];
}

/**
 * Where a finding stands, e.g. `runs.jsonl, line 3, column 1 (conversation 2),
 * messages 4 to 10`.
 */
export function describePlace({
  source,
  place,
  conversation,
  messages,
}: Finding): string {
  const number = `conversation ${conversation}`;
  const file = place ?? source;
  const where = file === undefined ? number : `${file} (${number})`;
  const [first] = messages;
  const last = messages.at(-1);
  return first === last
    ? `${where}, message ${first}`
    : `${where}, messages ${first} to ${last}`;
}

/** How many turns a finding took and needed; `undefined`: no more than needed. */
export function describeSaving({
  turns,
  turnsNeeded,
  secondsSaved,
}: Finding): string | undefined {
  if (turnsNeeded === turns) return undefined;
  const time = secondsSaved === undefined ? "" : `, about ${secondsSaved} s`;
  return `${turns} turns, ${turnsNeeded} would have done${time}`;
}

/** The N+1 of a finding, and its calls that started later than they could have. */
export function describeNotes({
  nPlusOne,
  oneByOne,
  eager,
}: Finding): string[] {
  return [
    ...nPlusOne.map(
      ({ list, tool, times }) =>
        `N+1: ${times} calls of ${tool}, each for a value out of one answer of ${list}`,
    ),
    ...oneByOne.map(
      ({ turn, calls, secondsSaved }) =>
        `The ${calls.length} calls of turn ${turn} ran one after another: ${secondsSaved} s could be saved`,
    ),
    ...eager.map(
      ({ turn, calls, secondsSaved }) =>
        `${calls.length} ${calls.length === 1 ? "call" : "calls"} of turn ${turn} could have started while the model wrote the message: at most about ${secondsSaved} s could be saved`,
    ),
  ];
}

/** The turns that would have been enough, each with its calls and its reasons. */
export function describeTurns({ calls, couldBe }: Finding): DescribedTurn[] {
  return couldBe.map((indexes, place) => {
    const own = indexes.map((index) => calls[index] as FoundCall);
    const turns = [...new Set(own.map(({ turn }) => turn))].sort(
      (a, b) => a - b,
    );
    return {
      turn: place + 1,
      calls: countNames(own.map(({ name }) => name)),
      was: `${turns.length === 1 ? "was turn" : "were turns"} ${listNumbers(turns)}`,
      because: reasonsOf(own, calls),
    };
  });
}

/** Sorted numbers, with neighbours as a range: `2 to 5, 8`. */
function listNumbers(numbers: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const number of numbers) {
    const last = spans.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else spans.push([number, number]);
  }
  return spans
    .map(([from, to]) => {
      if (from === to) return `${from}`;
      return to === from + 1 ? `${from}, ${to}` : `${from} to ${to}`;
    })
    .join(", ");
}

function countNames(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => (count > 1 ? `${name} x ${count}` : name))
    .join(", ");
}

function reasonsOf(
  own: readonly FoundCall[],
  calls: readonly FoundCall[],
): string[] {
  const reasons = new Set(
    own.flatMap(({ needs }) =>
      needs.map(({ index, detail, values }) => {
        const shown = values === undefined ? "" : ` (${values.join(", ")})`;
        return `after ${(calls[index] as FoundCall).name}: ${detail}${shown}`;
      }),
    ),
  );
  const shown = [...reasons].slice(0, MAX_REASONS);
  const rest = reasons.size - shown.length;
  if (rest > 0) shown.push(`and ${rest} more like these`);
  if (own.some(({ mayHaveLooked }) => mayHaveLooked !== undefined)) {
    shown.push(
      "the model may have looked first: a call before had failed, found nothing, or was the one before in a line",
    );
  }
  return shown;
}
