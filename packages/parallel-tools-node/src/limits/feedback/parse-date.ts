import { utcTime } from "./utc-time.js";

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
  // A year that seems over 50 years ahead is the last past one that ends so.
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
