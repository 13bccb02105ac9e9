import { mean } from "../statistics.js";
import {
  FREE_REFERENCES,
  ONE_PER_TURN,
  WITH_REFERENCES,
} from "./contenders.js";
import { ratiosOf } from "./ratios-of.js";
import type { AgentRun } from "./run-agent.js";
import type { Runs } from "./runs.js";

/**
 * What references may cost, in tokens, for a ratio of those that a model reads,
 * and what they do cost, in two sentences.
 *
 * @throws Error if they cost less than nothing: then the bound is none
 */
export function explainTokens(target: number, runs: Runs): string {
  const base = runs.get(ONE_PER_TURN)!;
  const free = runs.get(FREE_REFERENCES)!;
  const prices = runs.get(WITH_REFERENCES)!.map((run, place) => {
    const { inputTokens, turns } = free[place]!;
    const price = run.inputTokens - inputTokens;
    if (price >= 0 && run.turns === turns) return price / turns;
    throw new Error(`Expected references to cost tokens, got ${price}.`);
  });
  const limit = mean(ratiosOf("turns", base, free)).toFixed(2);
  const verdict =
    mean(ratiosOf("inputTokens", base, free)) < target
      ? `not even references for free give ${target}: what all turns read draws the ratio to that of the turns, ${limit}.`
      : `${target} leaves references ${roomFor(target, base, free)} tokens a turn.`;
  return `${verdict} They cost ${mean(prices).toFixed(0)} a turn.`;
}

/** The most whole tokens that each turn may have more for the ratio to hold. */
function roomFor(
  target: number,
  base: readonly AgentRun[],
  free: readonly AgentRun[],
): number {
  const ratioWith = (tokens: number) =>
    mean(
      free.map(({ inputTokens, turns }, place) => {
        return base[place]!.inputTokens / (inputTokens + tokens * turns);
      }),
    );
  let room = 0;
  while (ratioWith(room + 1) >= target) room += 1;
  return room;
}
