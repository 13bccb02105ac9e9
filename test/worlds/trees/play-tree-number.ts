import { createInProcessLimits } from "@/limits/in-process-limits.js";
import { FakeClock } from "../../support/fake-clock.js";
import {
  drawTree,
  seededRandom,
  type Tree,
} from "../../scope/support/nested-tree.js";
import { playTree, type TreePlay } from "../../scope/support/play-tree.js";
import { seenBy, withoutNesting } from "../../scope/support/stores.js";

/**
 * Where the limits are: in the process, or in a store that one to three processes
 * share, which may know nothing of calls inside of others.
 */
export const LIMITS_PLACES = ["process", "store", "plain-store"] as const;

export type LimitsPlace = (typeof LIMITS_PLACES)[number];

/** The tree that a seed and a number fix. */
export function treeOf(seed: number, number: number): Tree {
  return drawTree(seededRandom(Math.imul(seed, 0x9e3779b1) + number));
}

/** Plays it on a clock of its own. */
export function playTreeNumber(
  seed: number,
  number: number,
  place: LimitsPlace,
): Promise<TreePlay> {
  const tree = treeOf(seed, number);
  const clock = new FakeClock();
  if (place === "process") return playTree(tree, clock);
  const shared = createInProcessLimits(clock);
  const store = place === "store" ? shared : withoutNesting(shared);
  return playTree(tree, clock, { stores: seenBy(1 + (number % 3), store) });
}
