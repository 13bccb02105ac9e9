/** The paths through a batch by running time, call by call. */
export interface Paths {
  /** The earliest start: the longest path of calls before, in milliseconds. */
  readonly before: Float64Array;
  /** The longest path of calls after, in milliseconds. */
  readonly after: Float64Array;
  /** The longest of all. */
  readonly longestMs: number;
}

/**
 * @param totals the running time of each call, in milliseconds
 * @param dependencies the positions that each waits for
 * @param order all positions, each after those that it waits for
 */
export function pathsAround(
  totals: readonly number[],
  dependencies: readonly (readonly number[])[],
  order: readonly number[],
): Paths {
  const before = new Float64Array(totals.length);
  const after = new Float64Array(totals.length);
  let longestMs = 0;
  for (const i of order) {
    for (const j of dependencies[i]!) {
      before[i] = Math.max(before[i]!, before[j]! + totals[j]!);
    }
    longestMs = Math.max(longestMs, before[i]! + totals[i]!);
  }
  for (const i of order.toReversed()) {
    for (const j of dependencies[i]!) {
      after[j] = Math.max(after[j]!, after[i]! + totals[i]!);
    }
  }
  return { before, after, longestMs };
}
