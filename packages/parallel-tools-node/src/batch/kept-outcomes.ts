import type { BatchPlan } from "../plan/batch-plan.js";
import type { Outcome } from "../schedule/outcome.js";
import type { BatchReferences } from "./batch-references.js";
import type { CallKeeper } from "./kept-calls.js";
import { type Answer, outcomeOf } from "./run-tool.js";

interface KeptBatch {
  /** `undefined`: nothing is kept. */
  readonly kept: CallKeeper | undefined;
  readonly plan: BatchPlan;
  readonly references: BatchReferences | undefined;
  /** The position of a call by its index; `undefined`: it isn't in the batch. */
  readonly positionOf: (index: number) => number | undefined;
}

/** How calls ended before the run was paused, by position. */
export function keptOutcomes({
  kept,
  plan,
  references,
  positionOf,
}: KeptBatch): readonly (Outcome<Answer> | undefined)[] {
  const outcomes: (Outcome<Answer> | undefined)[] = [];
  if (kept === undefined) return outcomes;
  /** Of a call that shares the outcome of another, that one's. */
  const outcomeAt = (index: number): Outcome<Answer> | undefined => {
    const position = positionOf(index);
    if (position === undefined) return undefined;
    const sameAs = plan.calls[position]?.sameAs;
    return (
      outcomes[position] ??
      (sameAs === undefined ? undefined : outcomeAt(sameAs))
    );
  };
  const isKept = (index: number): boolean =>
    positionOf(index) === undefined || outcomeAt(index) !== undefined;
  plan.calls.forEach(({ index, dependsOn }, position) => {
    const isComplete = dependsOn.every(
      (one) => one.reason !== "reference" || isKept(one.index),
    );
    const record = isComplete ? kept.recordAt(index) : undefined;
    if (record === undefined) return;
    // An edit may have changed an output that its arguments refer to.
    const isSame =
      record.given === undefined ||
      record.given === references?.digest(position, outcomeAt);
    if (isSame) outcomes[position] = outcomeOf(record.answer);
  });
  return outcomes;
}
