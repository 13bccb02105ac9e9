/** The least time that passes from one of `times` to the `count`th after it. */
export function leastSpan(times: readonly number[], count: number): number {
  const sorted = times.toSorted((one, other) => one - other);
  return Math.min(
    ...sorted.slice(count).map((time, i) => time - (sorted[i] ?? time)),
  );
}
