import type { AnalyzedCall } from "./find-needs.js";
import type { Stretch } from "./stretch.js";

/** The turns of a stretch if each call had been asked for as soon as possible. */
export interface FewestTurns {
  /** By index of the call: its 1-based turn. */
  readonly couldBeTurn: readonly number[];
  /** By turn: the indexes of its calls. */
  readonly couldBe: readonly (readonly number[])[];
  /** By turn: the recorded turns, 0-based, that could have been this one. */
  readonly merged: readonly (readonly number[])[];
  /** As `couldBe.length`, if the model did wait wherever it may have. */
  readonly turnsNeededAtMost: number;
}

/** Puts each call into the first turn that its needs allow. */
export function findFewestTurns(
  { turns }: Stretch,
  calls: readonly AnalyzedCall[],
): FewestTurns {
  const couldBeTurn = firstTurns(calls, false);
  const couldBe: number[][] = [];
  for (const [index, turn] of couldBeTurn.entries()) {
    (couldBe[turn - 1] ??= []).push(index);
  }
  const merged: number[][] = [];
  for (const [turn, { calls: own }] of turns.entries()) {
    // A turn as a whole could be no earlier than the last of its calls.
    const last = Math.max(
      ...own.map(({ index }) => couldBeTurn[index] as number),
    );
    (merged[last - 1] ??= []).push(turn);
  }
  return {
    couldBeTurn,
    couldBe,
    merged,
    turnsNeededAtMost: Math.max(0, ...firstTurns(calls, true)),
  };
}

/** @param hasLooked the model did wait wherever it may have */
function firstTurns(
  calls: readonly AnalyzedCall[],
  hasLooked: boolean,
): number[] {
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
