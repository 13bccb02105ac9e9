import type { Limit } from "@/limits/limit.js";

/** Picks limits. Equal indexes give the very same array, as for a real tool. */
export function limitsByIndexes(
  limits: readonly (readonly Limit[])[],
): (indexes: readonly number[]) => readonly Limit[] {
  const arrays = new Map<string, readonly Limit[]>();
  return (indexes) => {
    const key = indexes.join();
    const known = arrays.get(key) ?? indexes.flatMap((i) => limits[i] ?? []);
    arrays.set(key, known);
    return known;
  };
}
