import type { Source } from "../stretch.js";
import { leavesOf } from "./leaves.js";
import { numberToken, scanText } from "./tokens.js";

/** Places that are kept of one token. More of them would prove nothing more. */
const MAX_PLACES = 1_000;

/** The sources in which tokens occur. */
export class Occurrences {
  readonly #places: ReadonlyMap<string, number[]>;

  /** @param tokens those that are searched for; no others are kept */
  constructor(sources: readonly Source[], tokens: ReadonlySet<string>) {
    const placesByToken = new Map(
      [...tokens].map((token): [string, number[]] => [token, []]),
    );
    for (const [place, { content }] of sources.entries()) {
      scan(content, (token) => {
        const places = placesByToken.get(token);
        if (places === undefined || places.length >= MAX_PLACES) return;
        if (places.at(-1) !== place) places.push(place);
      });
    }
    this.#places = placesByToken;
  }

  /** Places of the sources that hold a token, in order. */
  of(token: string): readonly number[] {
    return this.#places.get(token) ?? [];
  }
}

function scan(content: unknown, found: (token: string) => void): void {
  if (typeof content === "string") {
    scanText(content, found);
    return;
  }
  for (const { value } of leavesOf(content)) {
    if (typeof value === "string") scanText(value, found);
    else if (typeof value === "number") {
      found(numberToken(value));
      found(String(Math.abs(value)));
    }
  }
}
