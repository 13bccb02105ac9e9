import { planBatch } from "parallel-tools-node";

/** So many calls stand before the one whose text is looked at. */
const EARLIER = Array.from({ length: 8 }, (_, index) => ({
  name: "earlier",
  args: {},
  id: `call_${index}`,
}));

/**
 * Whether a text in a call's arguments is taken for a reference, a whole string
 * or (`embedded`) a part of it, be there a call that it could mean or not.
 */
export function takesForReference(text: string, embedded: boolean): boolean {
  const { calls } = planBatch(
    [...EARLIER, { name: "reads", args: { text }, id: "last" }],
    { references: { embedded } },
  );
  const call = calls.at(-1)!;
  return call.dependsOn.length > 0 || call.problem !== undefined;
}
