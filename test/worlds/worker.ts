// Plays a part of the worlds of a seed, for the process that has started it.
import process from "node:process";
import type { DifferenceKind } from "./difference.js";
import { type EarlyCounts, earlyCounts } from "./early-counts.js";
import { type Campaign, runWorlds } from "./run-worlds.js";

/** What became of a world, in short. */
export interface Verdict {
  readonly number: number;
  readonly kinds: readonly DifferenceKind[];
  /** `undefined`: its calls don't start early. */
  readonly early: EarlyCounts | undefined;
}

process.once("message", (campaign: Campaign) => {
  void runWorlds({
    ...campaign,
    onResult: ({ world, differences, log }) => {
      const kinds = [...new Set(differences.map(({ kind }) => kind))];
      const verdict: Verdict = {
        number: world.number,
        kinds,
        early: world.options.eager ? earlyCounts(log) : undefined,
      };
      process.send?.(verdict);
    },
  }).then(() => process.disconnect());
});
