import { parseHttpDate } from "./parse-date.js";
import { parseInternetDate } from "./parse-internet-date.js";
import { parseDecimal } from "./parse-number.js";
import { delayUntil, plausibleDelay } from "./plausible-delay.js";

/**
 * Reads when a quota is full again from a header that nobody has standardised.
 * A date is one of HTTP or of RFC 3339. A number is told by its size:
 *
 * | value | meaning | as with |
 * | --- | --- | --- |
 * | up to a year in seconds, 3.2e7 | seconds from now | Reddit, the IETF drafts |
 * | from 1e9 (in 2001) | seconds since 1970 | GitHub, GitLab, Discord |
 * | from 1e12 (in 2001) | milliseconds since 1970 | OpenRouter |
 *
 * What is between, and what is over a year ahead, means nothing.
 *
 * @param now milliseconds since 1970
 * @returns milliseconds from `now`; 0 for what is over
 */
export function parseReset(
  text: string | undefined,
  now: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = parseDecimal(text);
  if (value === undefined) {
    const time = parseHttpDate(text, now) ?? parseInternetDate(text);
    return time === undefined ? undefined : delayUntil(time, now);
  }
  if (value >= 1e12) return delayUntil(value, now);
  if (value >= 1e9) return delayUntil(value * 1_000, now);
  return plausibleDelay(value * 1_000);
}
