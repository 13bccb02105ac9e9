import { leaderOf, type ReferenceDraw, type Turn } from "./world.js";

/** The name of a call, unique in its thread, whatever its id is. */
export function labelOf({ place, edits }: Named, index: number): string {
  const edit = edits.get(index);
  return `t${place + 1}c${index + 1}${edit === undefined ? "" : `e${edit}`}`;
}

interface Named {
  readonly place: number;
  readonly edits: ReadonlyMap<number, number | undefined>;
}

/** The name of a call's question, unique in its thread. */
export function questionOf(turn: Named, index: number, count: number): string {
  return `${labelOf(turn, index)}q${count + 1}`;
}

/** What the tools of a world give: what they got, as data. */
export function outputText(
  turn: Turn,
  index: number,
  got: readonly unknown[],
  reference: unknown,
  amount: unknown,
): string {
  const call = labelOf(turn, leaderOf(turn, index));
  return JSON.stringify({ call, got, reference, amount });
}

/** What others than the tool answer in its place. */
export function substituteText(turn: Turn, index: number, by: string): string {
  return outputText(turn, index, [by], undefined, undefined);
}

/** A reference as the model writes it. */
export function referenceText({ to, path, form }: ReferenceDraw): string {
  switch (form) {
    case "plain":
      return `$${to + 1}${path}`;
    case "braces":
      return `\${${to + 1}${path}}`;
    case "output":
      return `$${to + 1}.output${path}`;
  }
}

/** What a tool of a world says when it fails. */
export function failureText(turn: Turn, index: number): string {
  return `${labelOf(turn, index)} is broken`;
}
