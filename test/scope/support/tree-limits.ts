import pLimit from "p-limit";
import type { Clock } from "@/limits/clock.js";
import { createLimits } from "@/limits/create-limits.js";
import { FeedbackGate } from "@/limits/feedback-gate.js";
import type { Limit } from "@/limits/limit.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import type { SharedLimit, SharedLimits } from "@/limits/shared-limits.js";
import { limitsByIndexes } from "../../support/limits-by-indexes.js";
import type { LimitDraw } from "./nested-tree.js";

/**
 * Gives the limits with these indexes. Those of a request are the same and stand in
 * another array: a model has a policy of its own.
 */
export type LimitsOf = (
  indexes: readonly number[],
  isRequest?: boolean,
) => readonly Limit[];

/** Finds the limits of a call in a process that keeps all of them. */
export function limitsHere(
  draws: readonly LimitDraw[],
  clock: Clock,
): LimitsOf {
  const limits = draws.map((draw, i) => createLimit(draw, i, clock));
  const [ofCalls, ofRequests] = [limits, limits].map(limitsByIndexes);
  return (indexes, isRequest) => (isRequest ? ofRequests! : ofCalls!)(indexes);
}

/** Finds the limits of a call in a process that keeps some of them elsewhere. */
export function limitsIn(
  store: SharedLimits,
  draws: readonly LimitDraw[],
  jitterMs: number,
  clock: Clock,
): LimitsOf {
  const known = new Map<string, readonly Limit[]>();
  const own = draws.map((draw, i) =>
    draw.isPLimit || draw.isCareful ? createLimit(draw, i, clock) : undefined,
  );
  return (indexes, isRequest) => {
    const key = `${isRequest} ${indexes.join()}`;
    let limits = known.get(key);
    if (limits === undefined) {
      const shared = indexes.flatMap((i) =>
        own[i] === undefined
          ? describeLimit(draws[i] as LimitDraw, i, jitterMs)
          : [],
      );
      limits = [
        ...indexes.flatMap((i) => own[i] ?? []),
        ...(shared.length > 0
          ? [new SharedAdmission(shared, store, clock)]
          : []),
      ];
      known.set(key, limits);
    }
    return limits;
  };
}

function describeLimit(
  { concurrency, rate }: LimitDraw,
  index: number,
  jitterMs: number,
): SharedLimit {
  return {
    name: `limit ${index}`,
    ...(concurrency !== undefined && { concurrency }),
    ...(rate && { rateLimit: { ...rate, jitterMs, burst: rate.limit } }),
  };
}

function createLimit(
  { concurrency, isPLimit, rate, isCareful, pause }: LimitDraw,
  index: number,
  clock: Clock,
): readonly Limit[] {
  const name = `limit ${index}`;
  if (isCareful) {
    const options = { learns: true, startsCarefully: true, random: () => 0 };
    return [new FeedbackGate(name, clock, options)];
  }
  if (pause !== undefined) {
    const options = { learns: false, startsCarefully: false, random: () => 0 };
    const gate = new FeedbackGate(name, clock, options);
    clock.schedule(() => gate.pause(pause.ms, clock.now()), pause.atMs);
    return [gate];
  }
  const isOwn = isPLimit && concurrency !== undefined;
  return createLimits(
    name,
    {
      concurrency: isOwn ? pLimit(concurrency) : concurrency,
      rateLimit: rate && { ...rate, jitterMs: 0, burst: rate.limit },
    },
    clock,
  );
}
