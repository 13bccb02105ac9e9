import { parseHttpDate, parseInternetDate } from "./parse-date.js";
import { parseDecimal } from "./parse-number.js";

const YEAR_MS = 366 * 86_400_000;

/**
 * A delay in whole milliseconds, rounded up so that no call comes early.
 * `undefined` for what can't be a delay: negative, not a number, over a year.
 */
export function plausibleDelay(ms: number): number | undefined {
  if (!(ms >= 0 && ms <= YEAR_MS)) return undefined;
  // 1.1 * 1000 is a little above 1100, which must not become 1101.
  return Math.max(0, Math.ceil(ms - 1e-6));
}

/** Milliseconds from `now` until `time`; 0 when `time` is past. */
export function delayUntil(time: number, now: number): number | undefined {
  return plausibleDelay(Math.max(0, time - now));
}

/**
 * Reads when a quota is full again, from a header that no standard describes. A
 * date is one of HTTP or of RFC 3339. What a number means follows from its size:
 *
 * | value | meaning | as with |
 * | --- | --- | --- |
 * | up to a year in seconds, 3.2e7 | seconds from now | Reddit, the IETF drafts |
 * | from 1e9 (in 2001) | seconds since 1970 | GitHub, GitLab, Discord |
 * | from 1e12 (in 2001) | milliseconds since 1970 | OpenRouter |
 *
 * A number between these, or a time over a year ahead, means nothing.
 *
 * @param now milliseconds since 1970
 * @returns milliseconds from `now`; 0 for a time that is past
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

const UNITS_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

const PART = /(\d+(?:\.\d+)?)(ms|us|µs|ns|[dhms])/y;

/**
 * Reads a duration as OpenAI and Groq write it: `6m0s`, `1.5s`, `20ms`,
 * `1h2m3s` (the form of Go's `time.Duration`, and days). The units have to
 * become smaller from part to part; a bare number is no duration.
 *
 * @returns milliseconds; may be infinite
 */
export function parseDuration(text: string): number | undefined {
  let sum = 0;
  let lastUnitMs = Number.POSITIVE_INFINITY;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (match === null) return undefined;
    const unitMs = UNITS_MS[match[2] ?? ""] ?? 0;
    if (unitMs >= lastUnitMs) return undefined;
    sum += Number(match[1]) * unitMs;
    lastUnitMs = unitMs;
  }
  return text === "" ? undefined : sum;
}
