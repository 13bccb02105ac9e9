/** The longest paths through a batch, by running time in milliseconds. */
export interface Paths {
  /** For each call, the longest path of calls before it. */
  readonly before: Float64Array;
  /** For each call, the longest path of calls after it. */
  readonly after: Float64Array;
  /** The longest of all. */
  readonly longestMs: number;
}

/**
 * Finds the longest paths before and after each call.
 *
 * @param totals the running time of each call, in milliseconds
 * @param dependencies for each call, the positions that it depends on
 * @param order all positions, each after those that it depends on
 * @param releases when each call could begin at the earliest. Default: at once
 */
export function pathsAround(
  totals: readonly number[],
  dependencies: readonly (readonly number[])[],
  order: readonly number[],
  releases: readonly (number | undefined)[] = [],
): Paths {
  const before = new Float64Array(totals.length);
  const after = new Float64Array(totals.length);
  let longestMs = 0;
  for (const i of order) {
    before[i] = releases[i] ?? 0;
    for (const j of dependencies[i]!) {
      before[i] = Math.max(before[i], before[j]! + totals[j]!);
    }
    longestMs = Math.max(longestMs, before[i] + totals[i]!);
  }
  for (const i of order.toReversed()) {
    for (const j of dependencies[i]!) {
      after[j] = Math.max(after[j]!, after[i]! + totals[i]!);
    }
  }
  return { before, after, longestMs };
}
