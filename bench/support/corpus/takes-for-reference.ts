import {
  type PlannableCall,
  type PlannedCall,
  planBatch,
} from "parallel-tools-node";

/** Whether a text in a call's arguments counts as something that it isn't. */
export type Reading = (text: string, embedded: boolean) => boolean;

/**
 * Whether a text in a call's arguments is taken for a reference, a whole string
 * or (`embedded`) a part of it, be there a call that it could mean or not.
 */
export const takesForReference: Reading = (text, embedded) => {
  const call = planned(text, embedded, 8);
  return call.dependsOn.length > 0 || call.problem !== undefined;
};

/**
 * Whether a text in a call's arguments is refused as nearly a reference. So many
 * calls stand before it that any number in it may mean one.
 */
export const isRefusedAsNearMiss: Reading = (text, embedded) => {
  const { problem } = planned(text, embedded, 100);
  return problem?.message.includes("can't be read") === true;
};

/** The plan of a call whose text is looked at, behind so many others. */
function planned(
  text: string,
  embedded: boolean,
  earlier: number,
): PlannedCall {
  const others = Array.from({ length: earlier }, (_, index): PlannableCall => {
    return { name: "earlier", args: {}, id: `call_${index}` };
  });
  const { calls } = planBatch(
    [...others, { name: "reads", args: { text }, id: "last" }],
    { references: { embedded } },
  );
  return calls.at(-1)!;
}
