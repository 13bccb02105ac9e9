import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { fit, columnsOf } from "@/report/text/columns.js";
import { ticksUntil } from "@/report/ticks.js";
import { formatMs } from "@/report/words/format-ms.js";
import { jsonOf } from "@/report/words/json-of.js";
import { printable } from "@/report/words/printable.js";
import { formatTimes } from "@/report/words/summarize.js";

describe("a time", () => {
  it.each([
    [0, "0 ms"],
    [-1, "0 ms"],
    [0.04, "0 ms"],
    [0.44, "0.4 ms"],
    [9.94, "9.9 ms"],
    [9.96, "10 ms"],
    [999.4, "999 ms"],
    [999.6, "1.00 s"],
    [9_994, "9.99 s"],
    [9_996, "10.0 s"],
    [59_940, "59.9 s"],
    [59_960, "1 min 0 s"],
    [3_725_000, "62 min 5 s"],
  ])("of %d ms is %s", (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });
});

describe("a factor", () => {
  it.each([
    [1, "1.00"],
    [1.994, "1.99"],
    [1.996, "2.0"],
    [19.94, "19.9"],
    [19.96, "20"],
  ])("of %d is %s", (factor, text) => {
    expect(formatTimes(factor)).toBe(text);
  });
});

describe("the ticks of an axis", () => {
  it("are round", () => {
    expect(ticksUntil(780, 5)).toEqual([0, 200, 400, 600]);
    expect(ticksUntil(1_000, 6)).toEqual([0, 200, 400, 600, 800, 1_000]);
    expect(ticksUntil(0.3, 4)[1]).toBeCloseTo(0.1);
    expect(ticksUntil(0, 5)).toEqual([0]);
    expect(ticksUntil(Number.NaN, 5)).toEqual([0]);
  });

  test.prop([
    fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
    fc.integer({ min: 2, max: 20 }),
  ])("stay within the axis and their number", (endMs, most) => {
    const ticks = ticksUntil(endMs, most);
    expect(ticks.length).toBeLessThanOrEqual(most);
    expect(ticks.length).toBeGreaterThanOrEqual(1);
    for (const tick of ticks)
      expect(tick).toBeLessThanOrEqual(endMs * 1.000001);
  });
});

describe("printable text", () => {
  test.prop([
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.integer({ min: 1, max: 30 }),
  ])(
    "has no control character, fits and stays what it was where it can",
    (text, most) => {
      const shown = printable(text, most);
      expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      expect(Array.from(shown).length).toBeLessThanOrEqual(most);
      if (/^[\x20-\x7e]*$/.test(text) && text.length <= most) {
        expect(shown).toBe(text);
      }
    },
  );

  test.prop([
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.integer({ min: 1, max: 30 }),
  ])("can be made to take exactly so many columns", (text, width) => {
    expect(columnsOf(fit(printable(text, 100), width))).toBe(width);
  });
});

describe("JSON of a value", () => {
  it("is there for every value that has some, and never throws", () => {
    expect(jsonOf({ a: [1n, "x"] })).toBe('{"a":["1n","x"]}');
    expect(jsonOf(undefined)).toBeUndefined();
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(jsonOf(cycle)).toBeUndefined();
    const hostile = {
      toJSON() {
        throw new Error("no");
      },
    };
    expect(jsonOf(hostile)).toBeUndefined();
  });
});
