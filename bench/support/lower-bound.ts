import type { ServerKind } from "./rate-server/protocol.js";
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

/** The limit of a server that has seen nothing yet. */
export interface FreshLimit {
  readonly kind: ServerKind;
  readonly limit: number;
  readonly intervalMs: number;
  /** Size of the token bucket. */
  readonly burst: number;
  /** Milliseconds from the start until a fixed window ends for the first time. */
  readonly firstEdgeMs: number;
}

/**
 * The bound of a rate for calls that could all start at once and whose requests
 * took `serviceMs` from when they were let in: the largest e(n) + the n-th
 * longest, over all n, with e(n) the earliest that the n-th request can be let
 * in. For of the n longest, the one that is let in last is let in at e(n) or
 * later, and takes no less than the n-th longest. With n = all it is the rate
 * term plus the shortest service: as sound, and never more.
 */
export function rateBound(
  serviceMs: readonly number[],
  limit: FreshLimit,
): number {
  const bounds = serviceMs
    .toSorted((a, b) => b - a)
    .map((ms, i) => earliestMs(i + 1, limit) + ms);
  return Math.max(0, ...bounds);
}

/** When the nth request can be let in at the earliest, the first being at 0. */
export function earliestMs(
  n: number,
  { kind, limit, intervalMs, burst, firstEdgeMs }: FreshLimit,
): number {
  const fullBefore = Math.floor((n - 1) / limit);
  switch (kind) {
    case "token bucket":
      return (Math.max(0, n - burst) / limit) * intervalMs;
    case "sliding window":
      return fullBefore * intervalMs;
    case "fixed window":
      return fullBefore === 0 ? 0 : firstEdgeMs + (fullBefore - 1) * intervalMs;
  }
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
