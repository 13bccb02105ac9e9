const MONTHS = [
  "jan(?:uary)?",
  "feb(?:ruary)?",
  "mar(?:ch)?",
  "apr(?:il)?",
  "may",
  "june?",
  "july?",
  "aug(?:ust)?",
  "sept?(?:ember)?",
  "oct(?:ober)?",
  "nov(?:ember)?",
  "dec(?:ember)?",
];
const NAMES = MONTHS.join("|");
const DAY = String.raw`(\d{1,2})(?:st|nd|rd|th)?`;
const YEAR = String.raw`(?:,?\s{0,3}(\d{4})(?!\d))?`;
/** "May 20 - 24" names two days. */
const UNTIL = String.raw`(?:\s?(?:-|–|to|and|or|until)\s?${DAY}(?![\d:/]))?`;

const ISO = /(?<![\p{L}\p{N}])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)/gu;
const MONTH_FIRST = new RegExp(
  String.raw`(?<!\p{L})(${NAMES})\.?\s{1,3}${DAY}(?![\d:/])${UNTIL}${YEAR}`,
  "gu",
);
const DAY_FIRST = new RegExp(
  String.raw`(?<![\d.,])${DAY}\.?\s{1,3}(?:of\s)?(${NAMES})(?!\p{L})\.?${YEAR}`,
  "gu",
);
const NUMERIC =
  /(?<![\p{L}\p{N}.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d.])/gu;
const TIME =
  /(?<![\d.:])(\d{1,2})(?::(\d{2}))?(?::\d{2}(?:\.\d{1,9})?)?\s?([ap])\.?m\b\.?|(?<![\d.:])(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d{1,9})?)?(?:z\b)?(?![\d:])/gu;

/**
 * Removes dates and times from a text in lower case, so that their digits don't
 * count as numbers, and calls `found` with the tokens of each:
 *
 * - `d:2024-05-20` or, without a year, `d:05-20`;
 * - `m:05-20`, the day of any year;
 * - `t:15:00`;
 * - `#2024`, the year as a number.
 *
 * @returns the text without dates and times
 */
export function takeDates(
  text: string,
  found: (token: string) => void,
): string {
  if (!/\d/.test(text)) return text;
  const day = (year: string | undefined, month: number, date: number) => {
    if (month < 1 || month > 12 || date < 1 || date > 31) return false;
    const name = `${two(month)}-${two(date)}`;
    found(year === undefined ? `d:${name}` : `d:${year}-${name}`);
    found(`m:${name}`);
    if (year !== undefined) found(`#${year}`);
    return true;
  };
  return text
    .replaceAll(ISO, (match, year, _, month, date) =>
      day(year, Number(month), Number(date)) ? " " : match,
    )
    .replaceAll(MONTH_FIRST, (match, name, date, until, year) => {
      const month = monthOf(name);
      if (!day(year, month, Number(date))) return match;
      if (until !== undefined) day(year, month, Number(until));
      return " ";
    })
    .replaceAll(DAY_FIRST, (match, date, name, year) =>
      day(year, monthOf(name), Number(date)) ? " " : match,
    )
    .replaceAll(NUMERIC, (match, one, _, other, year: string) => {
      const full = year.length === 2 ? `20${year}` : year;
      // The month or the day may come first, so both are found.
      const isMonthFirst = day(full, Number(one), Number(other));
      const isDayFirst = day(full, Number(other), Number(one));
      return isMonthFirst || isDayFirst ? " " : match;
    })
    .replaceAll(TIME, (match, hour, minute, half, hour24, minute24) => {
      const isHalf = half !== undefined;
      const hours = isHalf
        ? (Number(hour) % 12) + (half === "p" ? 12 : 0)
        : Number(hour24);
      const minutes = Number((isHalf ? minute : minute24) ?? 0);
      if (hours > 24 || minutes > 59) return match;
      found(`t:${two(hours)}:${two(minutes)}`);
      return " ";
    });
}

/** Compares the first three letters, which differ for all months. */
function monthOf(name: string): number {
  return MONTHS.findIndex((month) => month.startsWith(name.slice(0, 3))) + 1;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
