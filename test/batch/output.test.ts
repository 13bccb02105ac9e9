import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { readJson } from "@/batch/output.js";

const integer = fc.stringMatching(/^-?[1-9]\d{14,40}$/);
const text = fc
  .array(
    fc.oneof(
      integer,
      fc.constantFrom('"', "\\", "[", "\n", "é", "1."),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(""));
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(Number),
);

describe("what is read", () => {
  test.prop([fc.jsonValue({ stringUnit: "binary" })])(
    "is what was written: any JSON",
    (value) => {
      const json = JSON.stringify(value);
      const due: unknown = typeof value === "string" ? value : JSON.parse(json);
      expect(readJson(json)).toEqual(due);
    },
  );

  test.prop([fc.array(fc.oneof(number, text)), fc.nat(2)])(
    "is what was written: numbers that are long, and texts full of digits",
    (values, indent) => {
      const json = JSON.stringify({ values }, null, indent);
      expect(readJson(json)).toEqual(JSON.parse(json));
    },
  );

  test.prop([fc.array(fc.tuple(integer, text)), fc.nat(2)])(
    "keeps every digit of every integer",
    (rows, indent) => {
      const quoted = JSON.stringify(rows, null, indent);
      const json = quoted.replaceAll(/"(-?\d+)"(?=,\s*")/g, "$1");
      const read = readJson(json) as [unknown, string][];
      expect(read.map(([id, note]) => [String(id), note])).toEqual(
        rows.map(([id, note]) => [
          Number.isSafeInteger(Number(id)) ? `${Number(id)}` : id,
          note,
        ]),
      );
    },
  );

  test.prop([fc.string()])("is the text itself if it is no JSON", (source) => {
    let isJson = true;
    try {
      JSON.parse(source);
    } catch {
      isJson = false;
    }
    fc.pre(!isJson);
    expect(readJson(source)).toBe(source);
  });
});

it.each([
  ["[1234567890123456.789]", ["1234567890123456.789"]],
  [
    "[1234567890123456.0, 1234567890123456]",
    [1234567890123456, 1234567890123456],
  ],
  ["[1e400, -1E+999, 1e300]", ["1e400", "-1E+999", 1e300]],
  ["[0.12345678901234567890]", [0.12345678901234568]],
])("a number that JavaScript can't hold is a string: %s", (json, value) => {
  expect(readJson(json)).toEqual(value);
});

// In time that grew any faster than the length, this would end in no test run.
it("JSON of any length is read", () => {
  const LENGTH = 3_000_000;
  const digits = "1".repeat(LENGTH);
  const escapes = String.raw`\n`.repeat(LENGTH);
  expect(readJson(`[${digits}.5]`)).toEqual([`${digits}.5`]);
  expect(readJson(digits)).toBe(digits);
  expect(readJson(`["${digits}`)).toBe(`["${digits}`);
  expect(readJson(`["${escapes}${digits}"]`)).toEqual([
    "\n".repeat(LENGTH) + digits,
  ]);
});
