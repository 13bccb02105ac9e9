import type { Random } from "../random.js";
import { type HostDraw, isAgent } from "../world.js";

/** How a model names its calls. */
export type Naming =
  /** Each has an id of its own. */
  | "unique"
  /** `call_0`, `call_1`: the same in each turn. */
  | "by turn"
  /** All calls of a message have one id. */
  | "one"
  | "missing"
  | "empty"
  /** Any of these, call by call. */
  | "mixed";

export function drawNaming(random: Random, host: HostDraw): Naming {
  // Approvals are told apart by the ids of a message, by LangChain itself.
  const isReviewed = isAgent(host) && host.reviews !== "nowhere";
  return random.weighted(
    isReviewed
      ? { unique: 6, "by turn": 4, one: 0, missing: 0, empty: 0, mixed: 0 }
      : { unique: 9, "by turn": 5, one: 1, missing: 1, empty: 1, mixed: 2 },
  );
}

/** @param count the number of the message's calls before this one */
export function drawId(
  random: Random,
  naming: Naming,
  turn: number,
  count: number,
): string | undefined {
  switch (naming) {
    case "unique":
      return `id_${turn + 1}_${count + 1}`;
    case "by turn":
      return `call_${count}`;
    case "one":
      return "call_0";
    case "missing":
      return undefined;
    case "empty":
      return "";
    case "mixed": {
      const one = random.pick(["unique", "by turn", "one", "missing", "empty"]);
      return drawId(random, one as Naming, turn, count);
    }
  }
}
