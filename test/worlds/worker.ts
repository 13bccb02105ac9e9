// Plays a part of the worlds of a seed, for the process that has started it.
import process from "node:process";
import type { DifferenceKind } from "./difference.js";
import { type Campaign, runWorlds } from "./run-worlds.js";

/** What became of a world, in short. */
export interface Verdict {
  readonly number: number;
  readonly kinds: readonly DifferenceKind[];
}

process.once("message", (campaign: Campaign) => {
  void runWorlds({
    ...campaign,
    onResult: ({ world, differences }) => {
      const kinds = [...new Set(differences.map(({ kind }) => kind))];
      const verdict: Verdict = { number: world.number, kinds };
      process.send?.(verdict);
    },
  }).then(() => process.disconnect());
});
