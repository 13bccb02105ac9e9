import { parseHttpDate } from "./parse-http-date.js";
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
 * | 1e9 to 1e11 (2001 to 5138) | seconds since 1970 | GitHub, GitLab, Discord |
 * | 1e12 to 1e14 (2001 to 5138) | milliseconds since 1970 | OpenRouter |
 * | anything else | nothing | |
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
  if (value >= 1e9 && value < 1e11) return delayUntil(value * 1_000, now);
  if (value >= 1e12 && value < 1e14) return delayUntil(value, now);
  return plausibleDelay(value * 1_000);
}
