import type { Diagnosis } from "../diagnosis.js";

/** What can be done, the most frequent advice first. */
export function listAdvice({
  findings,
}: Diagnosis): { readonly text: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { advice } of findings) {
    for (const { text } of advice)
      counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts]
    .map(([text, count]) => ({ text, count }))
    .sort((one, other) => other.count - one.count);
}
