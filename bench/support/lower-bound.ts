import { capsOf, type Workload } from "./seeded-workload.js";

/** What holds for a workload whose calls took `durationsMs`. */
export interface Bounds {
  /** No schedule is shorter. */
  readonly lowerMs: number;
  /** No schedule that never leaves a startable call waiting is longer. */
  readonly workConservingMs: number;
}

/**
 * With p the durations, h the earliest start by dependencies and q the longest
 * path after a call:
 *
 * - path: the largest h + p + q;
 * - cap k: the largest a + (sum of p over the calls on k with h >= a and
 *   q >= c) / slots of k + c, over all a and c;
 * - lower bound: the largest of these;
 * - bound for a work-conserving runner: sum over k of (sum of p on k) / slots
 *   of k, plus (1 - 1 / the most slots) times the longest path.
 */
export function boundsOf(
  workload: Workload,
  durationsMs: readonly number[],
): Bounds {
  const { before, after } = pathsAround(workload.dependsOn, durationsMs);
  const path = Math.max(
    ...durationsMs.map((ms, i) => before[i]! + ms + after[i]!),
  );
  const caps = capsOf(workload);
  let lowerMs = path;
  let saturatedMs = 0;
  for (const { slots, holdsFor } of caps) {
    const calls = durationsMs
      .map((ms, i) => ({ ms, before: before[i]!, after: after[i]!, i }))
      .filter(({ i }) => holdsFor(i));
    lowerMs = Math.max(lowerMs, capBound(calls, slots));
    saturatedMs += calls.reduce((sum, { ms }) => sum + ms, 0) / slots;
  }
  const most = Math.max(...caps.map(({ slots }) => slots));
  return {
    lowerMs,
    workConservingMs:
      caps.length === 0 ? path : saturatedMs + (1 - 1 / most) * path,
  };
}

interface CappedCall {
  readonly ms: number;
  readonly before: number;
  readonly after: number;
}

function capBound(calls: readonly CappedCall[], slots: number): number {
  const byAfter = calls.toSorted((a, b) => b.after - a.after);
  let bound = 0;
  for (const { before: earliest } of calls) {
    let work = 0;
    for (const { ms, before, after } of byAfter) {
      if (before < earliest) continue;
      work += ms;
      bound = Math.max(bound, earliest + work / slots + after);
    }
  }
  return bound;
}

function pathsAround(
  dependsOn: Workload["dependsOn"],
  durationsMs: readonly number[],
): { before: Float64Array; after: Float64Array } {
  const before = new Float64Array(durationsMs.length);
  const after = new Float64Array(durationsMs.length);
  dependsOn.forEach((earlier, i) => {
    for (const j of earlier) {
      before[i] = Math.max(before[i]!, before[j]! + durationsMs[j]!);
    }
  });
  for (let i = durationsMs.length - 1; i >= 0; i -= 1) {
    for (const j of dependsOn[i]!) {
      after[j] = Math.max(after[j]!, after[i]! + durationsMs[i]!);
    }
  }
  return { before, after };
}
