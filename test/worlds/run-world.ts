import type { Difference } from "./difference.js";
import type { LogLine } from "./host/log.js";
import { Stage } from "./host/stage.js";
import { Play, type PlayOptions } from "./play.js";
import type { World } from "./world.js";

/** What became of a world. */
export interface WorldResult {
  readonly world: World;
  readonly differences: readonly Difference[];
  readonly log: readonly LogLine[];
  /** What was shown and done, in words. */
  readonly story: readonly string[];
}

/** Plays a world to its end, or to the first run that differs from the rules. */
export async function runWorld(
  world: World,
  options: PlayOptions = {},
): Promise<WorldResult> {
  const stage = new Stage(world);
  const play = new Play(world, stage, options);
  const differences = await play.toTheEnd();
  return { world, differences, log: stage.log, story: play.story };
}
