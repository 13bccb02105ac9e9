// Plays a part of the trees of a seed, for the process that has started it.
import process from "node:process";
import type { Numbers } from "../run-in-workers.js";
import { type LimitsPlace, playTreeNumber } from "./play-tree-number.js";

export interface TreeCampaign extends Numbers {
  readonly seed: number;
  readonly place: LimitsPlace;
}

/** What became of a tree, in short. */
export interface TreeVerdict {
  readonly number: number;
  readonly faults: readonly string[];
  readonly lent: number;
  readonly requests: number;
}

process.once("message", (campaign: TreeCampaign) => {
  void playAll(campaign).then(() => process.disconnect());
});

async function playAll(campaign: TreeCampaign): Promise<void> {
  const { seed, first, count, place } = campaign;
  for (let number = first; number < first + count; number += 1) {
    const { played, ...rest } = await playTreeNumber(seed, number, place);
    const requests = played.filter(({ call }) => call.request).length;
    const verdict: TreeVerdict = { number, requests, ...rest };
    process.send?.(verdict);
  }
}
