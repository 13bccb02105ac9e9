import { utcTime } from "./utc-time.js";

const INTERNET_DATE =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):?(\d\d))$/;

/**
 * Reads a date of RFC 3339 section 5.6, such as `2026-01-27T10:00:00Z` or
 * `2026-01-27T11:00:00.25+01:00`. The colon of the offset may be missing, as in
 * ISO 8601; a date without offset could be any time and is not read.
 *
 * @returns milliseconds since 1970
 */
export function parseInternetDate(text: string): number | undefined {
  const match = INTERNET_DATE.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(Number);
  const time = utcTime({ year, month, day, hour, minute, second });
  const offsetHours = Number(match[9] ?? 0);
  const offsetMinutes = Number(match[10] ?? 0);
  if (time === undefined || offsetHours > 23 || offsetMinutes > 59) {
    return undefined;
  }
  const offsetMs = (offsetHours * 60 + offsetMinutes) * 60_000;
  const fractionMs = Number(match[7] ?? 0) * 1_000;
  return time + fractionMs + (match[8] === "-" ? offsetMs : -offsetMs);
}
