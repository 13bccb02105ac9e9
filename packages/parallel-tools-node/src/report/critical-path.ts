import type { CallReport } from "./batch-report.js";

/**
 * Finds the calls that decided when the batch ended: the call that ended last,
 * before it the call that it waited for last, and so on. Of calls that ended at
 * the same time, one that ran is taken, and of several the first.
 *
 * @returns their indexes in the order of time
 */
export function findCriticalPath(calls: readonly CallReport[]): number[] {
  const byIndex = new Map(calls.map((call) => [call.index, call]));
  let call = calls.reduce<CallReport | undefined>(
    (last, other) =>
      last === undefined || endsLater(other, last) ? other : last,
    undefined,
  );
  const path = new Set<number>();
  while (call !== undefined && !path.has(call.index)) {
    path.add(call.index);
    const wait = call.waits.find((one) => one.for === "dependency");
    call = wait && byIndex.get(wait.index);
  }
  return [...path].toReversed();
}

function endsLater(a: CallReport, b: CallReport): boolean {
  if (a.endMs !== b.endMs) return a.endMs > b.endMs;
  return a.attempts > 0 && b.attempts === 0;
}
