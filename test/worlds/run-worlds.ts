import { drawWorld } from "./draw/draw-world.js";
import type { PlayOptions } from "./play.js";
import { runWorld, type WorldResult } from "./run-world.js";
import type { World } from "./world.js";

export interface Campaign {
  readonly seed: number;
  /** The number of the first world. */
  readonly first: number;
  readonly count: number;
  /** Worlds at once. Their delays are waited for together. */
  readonly lanes?: number;
  readonly onResult?: (result: WorldResult) => void;
  readonly play?: PlayOptions;
  /** Default: all are played. */
  readonly isPlayed?: (world: World) => boolean;
}

/** Plays many worlds of a seed. Gives those that differ from the rules. */
export async function runWorlds({
  seed,
  first,
  count,
  lanes = 24,
  onResult,
  play,
  isPlayed = () => true,
}: Campaign): Promise<WorldResult[]> {
  const wrong: WorldResult[] = [];
  let next = first;
  const lane = async () => {
    while (next < first + count) {
      const number = next;
      next += 1;
      const world = drawWorld(seed, number);
      if (!isPlayed(world)) continue;
      const result = await runWorld(world, play);
      onResult?.(result);
      if (result.differences.length > 0) wrong.push(result);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return wrong.sort((a, b) => a.world.number - b.world.number);
}
