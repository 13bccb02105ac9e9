import type { NeedyCall } from "./find-needs.js";
import type { StretchCall } from "./outline.js";
import { leafToken } from "./values/leaf-token.js";
import { leavesOf } from "./values/leaves.js";

/**
 * The path by which a reference would have found what a call needed of an
 * earlier one's output, e.g. `.user.id`. Only where there is nothing to choose:
 * an entry of a list with others in it was picked by the model, which had to see
 * it for that.
 */
export function findReference(
  { explanation }: NeedyCall,
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
