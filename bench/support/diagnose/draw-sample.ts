import { SeededRandom } from "../seeded-random.js";

/** Fixed before anything was labelled. */
const SEED = 20_260_727;

/** Two calls that follow one another, with no word of the user between them. */
export interface CallPair {
  /** Place of the conversation in the file, from 0. */
  readonly conversation: number;
  /** Places of the two messages that hold the calls, from 0. */
  readonly first: number;
  readonly second: number;
}

/** The part of a recorded message that a draw looks at. */
export interface DrawnMessage {
  readonly role: string;
  readonly tool_calls?: readonly unknown[] | null;
}

/** All pairs of adjacent calls of conversations with one call per message. */
export function pairsOf(
  conversations: readonly (readonly DrawnMessage[])[],
): CallPair[] {
  return conversations.flatMap((messages, conversation) => {
    const pairs: CallPair[] = [];
    let first: number | undefined;
    for (const [place, { role, tool_calls }] of messages.entries()) {
      if (role === "user") first = undefined;
      if (tool_calls == null || tool_calls.length === 0) continue;
      if (first !== undefined) {
        pairs.push({ conversation, first, second: place });
      }
      first = place;
    }
    return pairs;
  });
}

/** Draws `size` of them without replacement, the same ones in every run. */
export function drawSample(
  pairs: readonly CallPair[],
  size: number,
): CallPair[] {
  const random = new SeededRandom(SEED);
  const places = pairs.map((_, place) => place);
  for (let at = 0; at < size; at += 1) {
    const other = random.integer(at, places.length - 1);
    const kept = places[at] as number;
    places[at] = places[other] as number;
    places[other] = kept;
  }
  return places
    .slice(0, size)
    .sort((a, b) => a - b)
    .map((place) => pairs[place] as CallPair);
}
