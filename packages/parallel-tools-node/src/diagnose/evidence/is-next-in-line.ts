import type { StretchCall } from "./outline.js";
import { leavesOf } from "./values/leaves.js";

/**
 * Whether a call differs from an earlier one in a number alone, which has grown:
 * the next page, say, that one asks for when there is one.
 */
export function isNextInLine(earlier: StretchCall, call: StretchCall): boolean {
  if (earlier.name !== call.name) return false;
  const before = leavesOf(earlier.args);
  const leaves = leavesOf(call.args);
  if (before.length !== leaves.length) return false;
  const changed = leaves.flatMap((leaf, place) => {
    const other = before[place];
    const isSame = leaf.path === other?.path && leaf.value === other.value;
    return isSame ? [] : [[leaf, other] as const];
  });
  const [[leaf, other] = []] = changed;
  return (
    changed.length === 1 &&
    leaf?.path === other?.path &&
    typeof leaf?.value === "number" &&
    typeof other?.value === "number" &&
    leaf.value > other.value
  );
}
