import type { AnalyzedCall } from "./find-needs.js";
import type { StretchCall } from "./stretch.js";
import { leavesOf } from "./values/leaves.js";
import { leafToken } from "./values/tokens.js";

/**
 * The path of a reference to the value that a call needed of an earlier call's
 * output, e.g. `.user.id`. An entry of a longer list has none: the model chose
 * it, and had to see the list for that.
 */
export function findReference(
  { explanation }: AnalyzedCall,
  argument: string,
  earlier: StretchCall,
): string | undefined {
  const wanted = explanation.texts.get(argument);
  const text = earlier.answer?.text;
  if (wanted === undefined || text === undefined) return undefined;
  const token = leafToken(wanted);
  const leaves = leavesOf(parse(text));
  const places = leaves
    .filter(({ value }) => value !== null && leafToken(value) === token)
    .map(({ path }) => path);
  const place = places.find((path) => isOnlyOne(path, leaves));
  if (place === undefined) return undefined;
  return place === "" || place.startsWith("[") ? place : `.${place}`;
}

function isOnlyOne(
  path: string,
  leaves: readonly { readonly path: string }[],
): boolean {
  for (const { index, 0: step } of path.matchAll(/\[\d+\]/g)) {
    if (step !== "[0]") return false;
    const second = `${path.slice(0, index)}[1]`;
    if (leaves.some((leaf) => leaf.path.startsWith(second))) return false;
  }
  return true;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
