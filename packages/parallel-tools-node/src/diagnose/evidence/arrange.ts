import type { NeedyCall } from "./find-needs.js";
import type { Stretch } from "./outline.js";

/** The turns that a stretch would have taken if each call had come as soon as it could. */
export interface Arrangement {
  /** By index of the call, from 1. */
  readonly couldBeTurn: readonly number[];
  /** By turn, from the first: the indexes of the calls. */
  readonly couldBe: readonly (readonly number[])[];
  /** The turns of the stretch that could have been one, by turn that they could be. */
  readonly merged: readonly (readonly number[])[];
  /** As `couldBe.length`, if the model did look wherever it may have. */
  readonly turnsNeededAtMost: number;
}

/** Puts each call into the first turn that its needs allow. */
export function arrange(
  { turns }: Stretch,
  calls: readonly NeedyCall[],
): Arrangement {
  const couldBeTurn = levels(calls, false);
  const couldBe: number[][] = [];
  for (const [index, turn] of couldBeTurn.entries()) {
    (couldBe[turn - 1] ??= []).push(index);
  }
  const merged: number[][] = [];
  for (const [turn, { calls: own }] of turns.entries()) {
    // A turn could be no sooner than the last of its calls.
    const last = Math.max(
      ...own.map(({ index }) => couldBeTurn[index] as number),
    );
    (merged[last - 1] ??= []).push(turn);
  }
  return {
    couldBeTurn,
    couldBe,
    merged,
    turnsNeededAtMost: Math.max(0, ...levels(calls, true)),
  };
}

function levels(calls: readonly NeedyCall[], hasLooked: boolean): number[] {
  const turns: number[] = [];
  for (const { needs, looked } of calls) {
    let turn = 1;
    for (const { index } of needs) turn = Math.max(turn, turns[index]! + 1);
    if (hasLooked && looked !== undefined) {
      turn = Math.max(turn, turns[looked.index]! + 1);
    }
    turns.push(turn);
  }
  return turns;
}
