const CLOCK = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
const MONTH = "(?<month>[A-Z][a-z][a-z])";
const DAY_NAME = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const DAY_NAME_LONG = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const IMF_FIXDATE = new RegExp(
  String.raw`^${DAY_NAME}, (?<day>\d\d) ${MONTH} (?<year>\d{4}) ${CLOCK} GMT$`,
);
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const RFC_850 = new RegExp(
  String.raw`^${DAY_NAME_LONG}, (?<day>\d\d)-${MONTH}-(?<year>\d\d) ${CLOCK} GMT$`,
);
/** `Sun Nov  6 08:49:37 1994` */
const ASCTIME = new RegExp(
  String.raw`^${DAY_NAME} ${MONTH} (?<day>\d\d| \d) ${CLOCK} (?<year>\d{4})$`,
);

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

const FIFTY_YEARS_MS = 50 * 365.2425 * 86_400_000;

/**
 * Reads an HTTP date in any of the three formats of RFC 9110 section 5.6.7, and
 * in no other. That the day of the week is the right one is not checked.
 *
 * @param now milliseconds since 1970, to find the century of two digits
 * @returns milliseconds since 1970
 */
export function parseHttpDate(
  text: string | undefined,
  now: number,
): number | undefined {
  if (text === undefined) return undefined;
  const long = (IMF_FIXDATE.exec(text) ?? ASCTIME.exec(text))?.groups;
  if (long !== undefined) return timeOf(long, Number(long["year"]));
  const short = RFC_850.exec(text)?.groups;
  if (short === undefined) return undefined;
  // RFC 9110: a year that seems to be over 50 years ahead is a past one.
  const ofCentury = Number(short["year"]);
  for (const century of [2100, 2000]) {
    const time = timeOf(short, century + ofCentury);
    if (time !== undefined && time <= now + FIFTY_YEARS_MS) return time;
  }
  return timeOf(short, 1900 + ofCentury);
}

function timeOf(
  groups: Readonly<Record<string, string>>,
  year: number,
): number | undefined {
  return utcTime({
    year,
    month: MONTHS.indexOf(groups["month"] ?? "") + 1,
    day: Number(groups["day"]),
    hour: Number(groups["hour"]),
    minute: Number(groups["minute"]),
    second: Number(groups["second"]),
  });
}

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

/** A moment of the Gregorian calendar in UTC. */
interface UtcFields {
  readonly year: number;
  /** From 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** 60 in a leap second. */
  readonly second: number;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Milliseconds from 1970 to a moment; `undefined` when there is no such moment.
 * `Date.UTC` would take the 31st of February for a day in March.
 */
function utcTime(fields: UtcFields): number | undefined {
  const { year, month, day, hour, minute, second } = fields;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = (DAYS[month - 1] ?? 0) + (leap && month === 2 ? 1 : 0);
  if (day < 1 || day > length) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const days = daysBefore(year) + day - 1;
  const before = DAYS.slice(0, month - 1).reduce((sum, next) => sum + next, 0);
  const leapDay = leap && month > 2 ? 1 : 0;
  const minutes = ((days + before + leapDay) * 24 + hour) * 60 + minute;
  return (minutes * 60 + second) * 1_000;
}

/** Days from the first of January 1970 to that of `year`. */
function daysBefore(year: number): number {
  const past = year - 1;
  const leapDays =
    Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
  return past * 365 + leapDays - 719_162;
}
