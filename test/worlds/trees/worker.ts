// Plays a part of the trees of a seed, for the process that has started it.
import process from "node:process";
import type { Numbers } from "../run-in-workers.js";
import { playTreeNumber } from "./play-tree-number.js";

export interface TreeCampaign extends Numbers {
  readonly seed: number;
}

/** What became of a tree, in short. */
export interface TreeVerdict {
  readonly number: number;
  readonly faults: readonly string[];
  readonly lent: number;
}

process.once("message", (campaign: TreeCampaign) => {
  void playAll(campaign).then(() => process.disconnect());
});

async function playAll({ seed, first, count }: TreeCampaign): Promise<void> {
  for (let number = first; number < first + count; number += 1) {
    const { faults, lent } = await playTreeNumber(seed, number);
    const verdict: TreeVerdict = { number, faults, lent };
    process.send?.(verdict);
  }
}
