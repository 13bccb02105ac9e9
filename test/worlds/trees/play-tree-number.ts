import { FakeClock } from "../../support/fake-clock.js";
import {
  drawTree,
  seededRandom,
  type Tree,
} from "../../scope/support/nested-tree.js";
import { playTree, type TreePlay } from "../../scope/support/play-tree.js";

/** The tree that a seed and a number fix. */
export function treeOf(seed: number, number: number): Tree {
  return drawTree(seededRandom(Math.imul(seed, 0x9e3779b1) + number));
}

/** Plays it on a clock of its own. */
export function playTreeNumber(
  seed: number,
  number: number,
): Promise<TreePlay> {
  return playTree(treeOf(seed, number), new FakeClock());
}
