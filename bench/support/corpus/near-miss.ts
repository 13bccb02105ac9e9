import { planBatch } from "parallel-tools-node";

/** So many that any number in a text may mean an earlier call. */
const EARLIER = Array.from({ length: 100 }, (_, index) => ({
  name: "earlier",
  args: {},
  id: `call_${index}`,
}));

/** Whether a text in a call's arguments is refused as nearly a reference. */
export function isRefusedAsNearMiss(text: string, embedded: boolean): boolean {
  const { calls } = planBatch(
    [...EARLIER, { name: "reads", args: { text }, id: "last" }],
    { references: { embedded } },
  );
  return calls.at(-1)!.problem?.message.includes("can't be read") === true;
}
