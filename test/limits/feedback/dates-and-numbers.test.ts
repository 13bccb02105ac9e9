import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import {
  parseHttpDate,
  parseInternetDate,
} from "@/limits/feedback/parse-date.js";
import { parseDuration, parseReset } from "@/limits/feedback/parse-delay.js";

/** Tue, 27 Jan 2026 10:00:00 GMT. */
const NOW = 1_769_508_000_000;
const DAY = 86_400_000;

/** Random whole seconds, in milliseconds since 1970. */
const seconds = (from: string, to: string) =>
  fc
    .integer({ min: Date.parse(from) / 1_000, max: Date.parse(to) / 1_000 })
    .map((second) => second * 1_000);

function rfc850(time: number): string {
  const day = new Date(time).toLocaleDateString("en-US", {
    weekday: "long",
    timeZone: "UTC",
  });
  const [, date = "", month = "", year = "", clock = ""] = new Date(time)
    .toUTCString()
    .split(" ");
  return `${day}, ${date}-${month}-${year.slice(2)} ${clock} GMT`;
}

function asctime(time: number): string {
  const [day = "", date = "", month = "", year = "", clock = ""] = new Date(
    time,
  )
    .toUTCString()
    .split(" ");
  const padded = String(Number(date)).padStart(2, " ");
  return `${day.slice(0, 3)} ${month} ${padded} ${clock} ${year}`;
}

describe("an HTTP date", () => {
  it.each([
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "Sun Nov 06 08:49:37 1994",
  ])("is read as RFC 9110 writes it: %s", (text) => {
    expect(parseHttpDate(text, NOW)).toBe(784_111_777_000);
  });

  property.prop([seconds("1000-01-01", "9999-12-31")])(
    "of any second is read back from an IMF-fixdate and from asctime",
    (time) => {
      expect(parseHttpDate(new Date(time).toUTCString(), NOW)).toBe(time);
      expect(parseHttpDate(asctime(time), NOW)).toBe(time);
    },
  );

  property.prop([seconds("1976-02-01", "2076-01-01")])(
    "with a year of two digits is read back within fifty years",
    (time) => {
      expect(parseHttpDate(rfc850(time), NOW)).toBe(time);
    },
  );

  it("with a year of two digits over fifty years ahead lies in the past", () => {
    const text = "Friday, 01-Jan-77 00:00:00 GMT";
    expect(parseHttpDate(text, NOW)).toBe(Date.UTC(1977, 0, 1));
    expect(parseHttpDate(text, NOW + 2 * 366 * DAY)).toBe(Date.UTC(2077, 0, 1));
    expect(
      parseHttpDate("Thursday, 01-Jan-05 00:00:00 GMT", Date.UTC(2080, 0, 1)),
    ).toBe(Date.UTC(2105, 0, 1));
    expect(parseHttpDate(text, Number.NaN)).toBe(Date.UTC(1977, 0, 1));
  });

  it("may be in a leap second and on a leap day", () => {
    expect(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT", NOW)).toBe(
      Date.UTC(2017, 0, 1),
    );
    expect(parseHttpDate("Tue, 29 Feb 2000 00:00:00 GMT", NOW)).toBe(
      Date.UTC(2000, 1, 29),
    );
  });

  it.each([
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "sun, 06 nov 1994 08:49:37 gmt",
    "Xyz, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Xyz 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Thu, 31 Nov 1994 08:49:37 GMT",
    "Wed, 29 Feb 1900 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "1994-11-06T08:49:37Z",
    "784111777",
    "",
  ])("is nothing else: %s", (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined();
  });
});

describe("a date of RFC 3339", () => {
  it.each([
    ["2026-01-27T10:00:00Z", 0],
    ["2026-01-27t10:00:00z", 0],
    ["2026-01-27 10:00:00Z", 0],
    ["2026-01-27T10:00:00.25Z", 250],
    ["2026-01-27T11:30:00+01:30", 0],
    ["2026-01-27T08:30:01-0130", 1_000],
  ])("is read: %s", (text, after) => {
    expect(parseInternetDate(text)).toBe(NOW + after);
  });

  property.prop([
    seconds("0001-01-01", "9999-12-31"),
    fc.integer({ min: 0, max: 999 }),
  ])("of any millisecond is read back", (second, ms) => {
    const time = second + ms;
    expect(parseInternetDate(new Date(time).toISOString())).toBeCloseTo(time);
  });

  it.each([
    "2026-01-27",
    "2026-01-27T10:00:00",
    "2026-01-27T10:00Z",
    "2026-13-27T10:00:00Z",
    "2026-00-27T10:00:00Z",
    "2026-02-29T10:00:00Z",
    "2026-01-27T10:00:00.Z",
    "2026-01-27T10:00:00+24:00",
    "2026-01-27T10:00:00+01:60",
    "+002026-01-27T10:00:00Z",
  ])("is nothing else: %s", (text) => {
    expect(parseInternetDate(text)).toBeUndefined();
  });
});

describe("a duration", () => {
  it.each([
    ["6m0s", 360_000],
    ["1.5s", 1_500],
    ["20ms", 20],
    ["1h2m3s", 3_723_000],
    ["1d2h", 93_600_000],
    ["1m30.951s", 90_951],
    ["24h0m0s", DAY],
    ["0s", 0],
    ["867µs", 0.867],
    ["12us", 0.012],
    ["5ns", 0.000_005],
  ])("is read: %s", (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
  });

  property.prop([
    fc.nat({ max: 99 }),
    fc.nat({ max: 59 }),
    fc.nat({ max: 59 }),
    fc.nat({ max: 999 }),
  ])("of any length is read back", (hours, minutes, whole, ms) => {
    const text = `${hours}h${minutes}m${whole}.${String(ms).padStart(3, "0")}s`;
    const expected = ((hours * 60 + minutes) * 60 + whole) * 1_000 + ms;
    expect(parseDuration(text)).toBeCloseTo(expected, 6);
  });

  it.each([
    "",
    "5",
    "s",
    "1s1s",
    "1s1m",
    "1m 2s",
    "-1s",
    "1.s",
    ".5s",
    "1w",
    "1s ",
  ])("is nothing else: %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("a reset", () => {
  it.each<[string, number | undefined]>([
    ["0", 0],
    ["60", 60_000],
    ["0.25", 250],
    ["1.1", 1_100],
    ["0.0001", 1],
    ["31622400", 366 * DAY],
    ["31622401", undefined],
    ["999999999", undefined],
    // Over since long ago.
    ["1000000000", 0],
    ["1769508060", 60_000],
    ["1769508060.5", 60_500],
    ["1769507000", 0],
    ["1801130400", 366 * DAY],
    ["1801130401", undefined],
    ["99999999999", undefined],
    ["100000000000", undefined],
    ["1000000000000", 0],
    ["1769508060123", 60_123],
    ["1769508060123456", undefined],
    ["Tue, 27 Jan 2026 10:01:00 GMT", 60_000],
    ["2026-01-27T10:01:00Z", 60_000],
    ["2026-01-27T09:01:00Z", 0],
    ["2036-01-27T10:01:00Z", undefined],
    ["-1", undefined],
    ["+1", undefined],
    ["1e3", undefined],
    ["0x10", undefined],
    ["NaN", undefined],
    ["Infinity", undefined],
    ["9".repeat(400), undefined],
    ["", undefined],
    ["1, 2", undefined],
  ])("%s is %s ms away", (text, expected) => {
    expect(parseReset(text, NOW)).toBe(expected);
  });
});
