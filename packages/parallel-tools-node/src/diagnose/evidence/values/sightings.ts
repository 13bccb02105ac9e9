import type { Source } from "../outline.js";
import { leavesOf } from "./leaves.js";
import { numberToken } from "./number-token.js";
import { scanText } from "./scan-text.js";

/** More than so many places of one token tell nothing more. */
const MAX_SIGHTINGS = 1_000;

/** In which sources the tokens that somebody asks for were seen. */
export class Sightings {
  readonly #places: ReadonlyMap<string, number[]>;

  /** @param tokens those that will be asked for; no others are kept */
  constructor(sources: readonly Source[], tokens: ReadonlySet<string>) {
    const places = new Map(
      [...tokens].map((token): [string, number[]] => [token, []]),
    );
    for (const [place, { said }] of sources.entries()) {
      tellTokens(said, (token) => {
        const seen = places.get(token);
        if (seen === undefined || seen.length >= MAX_SIGHTINGS) return;
        if (seen.at(-1) !== place) seen.push(place);
      });
    }
    this.#places = places;
  }

  /** Places of sources, in order. */
  of(token: string): readonly number[] {
    return this.#places.get(token) ?? [];
  }
}

function tellTokens(said: unknown, found: (token: string) => void): void {
  if (typeof said === "string") {
    scanText(said, found);
    return;
  }
  for (const { value } of leavesOf(said)) {
    if (typeof value === "string") scanText(value, found);
    else if (typeof value === "number") {
      found(numberToken(value));
      found(String(Math.abs(value)));
    }
  }
}
