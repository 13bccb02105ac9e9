import { describeDuration } from "../errors/describe-duration.js";
import type { ResolvedRateLimit } from "../policy/rate-limit.js";

/**
 * What a report calls the rate limits of a tool or resource. One has the name
 * itself. Several are told apart by what they count, then by their intervals, e.g.
 * `resource llm (calls)` and `resource llm (cost)`.
 */
export function nameRates(
  name: string,
  rates: readonly ResolvedRateLimit[],
): readonly string[] {
  if (rates.length < 2) return rates.map(() => name);
  const counted = rates.map(({ counts = "cost" }) => counts);
  const timed = rates.map(
    ({ intervalMs }, i) => `${counted[i]} per ${describeDuration(intervalMs)}`,
  );
  return rates.map((_, i) => {
    if (isUnique(counted, i)) return `${name} (${counted[i]})`;
    if (isUnique(timed, i)) return `${name} (${timed[i]})`;
    return `${name} (${timed[i]}, number ${i + 1})`;
  });
}

function isUnique(words: readonly string[], at: number): boolean {
  return words.indexOf(words[at]!) === words.lastIndexOf(words[at]!);
}
