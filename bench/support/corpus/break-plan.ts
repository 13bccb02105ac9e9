import type { SeededRandom } from "../seeded-random.js";
import type { NestfulItem } from "./nestful.js";
import {
  type Edit,
  type PlacedReference,
  referencesIn,
} from "./translate-plan.js";

/** A plan, the same as it was, of which one reference is to be changed. */
export interface BrokenPlan {
  readonly item: NestfulItem;
  readonly edit: Edit;
}

type Break = (
  item: NestfulItem,
  reference: PlacedReference,
) => {
  readonly item?: NestfulItem;
  readonly edit: Omit<Edit, "nth">;
};

/** Ways to break a reference. */
export const BREAKS = {
  "to a later call": (item, { target }) => ({
    // A copy of the call that it refers to, at the end.
    item: { ...item, output: [...item.output, unlabelled(item, target)] },
    edit: { target: item.output.length, broken: "planned" },
  }),
  "to its own call": (_, { index }) => ({
    edit: { target: index, broken: "planned" },
  }),
  "out of range": (item, { path }) => ({
    edit: {
      target: item.output.length + 1,
      path: path.length > 0 ? path : ["id"],
      broken: "planned",
    },
  }),
  "with a path to nothing": (_, { path }) => ({
    edit: { path: [...path, "isNowhere"], broken: "run" },
  }),
} satisfies Record<string, Break>;

/** Breaks one reference of a plan, any of them. `undefined`: it has none. */
export function breakPlan(
  item: NestfulItem,
  way: keyof typeof BREAKS,
  random: SeededRandom,
): BrokenPlan | undefined {
  const references = referencesIn(item);
  if (references.length === 0) return undefined;
  const nth = random.integer(0, references.length - 1);
  const broken: ReturnType<Break> = BREAKS[way](item, references[nth]!);
  return { item: broken.item ?? item, edit: { ...broken.edit, nth } };
}

function unlabelled(
  item: NestfulItem,
  index: number,
): NestfulItem["output"][0] {
  const { name } = item.output[index]!;
  return { name, arguments: {} };
}
