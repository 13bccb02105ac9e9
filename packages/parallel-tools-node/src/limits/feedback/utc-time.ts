/** A moment of the Gregorian calendar in UTC. */
export interface UtcFields {
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
 * Milliseconds from 1970 to a moment; `undefined` when no calendar or clock
 * shows it. `Date.UTC` would take the 31st of February for a day in March.
 */
export function utcTime(fields: UtcFields): number | undefined {
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
