import type { LowerBound } from "../batch-report.js";
import { MOST_NAME, printable } from "./printable.js";
import { WAIT_WORDS } from "./wait-words.js";

/** What sets a lower bound: `the longest path`, `the cap of tool search`. */
export function describeBound({ by, limit }: LowerBound): string {
  return by === "path"
    ? "the longest path"
    : `the ${WAIT_WORDS[by]} of ${printable(limit ?? "", MOST_NAME)}`;
}
