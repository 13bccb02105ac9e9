import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import {
  parseStructuredDictionary,
  parseStructuredList,
} from "@/limits/feedback/structured-field.js";

/** A list as `[value, { parameter: value }]`. */
const list = (text: string) =>
  parseStructuredList(text)?.map(({ value, parameters }) => [
    value,
    Object.fromEntries(parameters),
  ]);

describe("a structured list", () => {
  it.each<[string, unknown[]]>([
    ['"a b"', [["a b", {}]]],
    ['"say \\"hi\\" \\\\"', [['say "hi" \\', {}]]],
    ['""', [["", {}]]],
    ["a/b:c*", [["a/b:c*", {}]]],
    ["*", [["*", {}]]],
    [
      "5;w=60 ,\t-7",
      [
        [5, { w: 60 }],
        [-7, {}],
      ],
    ],
    ["1.5", [[1.5, {}]]],
    ["-0", [[0, {}]]],
    ["999999999999999", [[999_999_999_999_999, {}]]],
    ["?1;a;b=?0", [[true, { a: true, b: false }]]],
    ["a;pk=:SGk=:", [["a", { pk: ":SGk=:" }]]],
    ["@1659578233", [[1_659_578_233, {}]]],
    ["a;  x=1;x=2", [["a", { x: 2 }]]],
    ["a;*k-1._=x", [["a", { "*k-1._": "x" }]]],
    [
      '"a,b;c=d", e',
      [
        ["a,b;c=d", {}],
        ["e", {}],
      ],
    ],
  ])("is read: %s", (text, expected) => {
    expect(list(text)).toEqual(expected);
  });

  it.each([
    "",
    " a",
    "a,",
    ",a",
    "a,,b",
    "a b",
    "a ;b",
    "a;",
    "a;B=1",
    "a;b=",
    "a;1=2",
    '"a',
    '"a\\b"',
    '"\u00e9"',
    '"a\tb"',
    "1.",
    "1.2345",
    "1234567890123.5",
    "1234567890123456",
    "--1",
    "?2",
    ":a",
    ":a!:",
    "(a b)",
    '%"a"',
    "a=1",
  ])("is refused whole: %j", (text) => {
    expect(list(text)).toBeUndefined();
  });

  it("is not there when the header is not", () => {
    expect(parseStructuredList(undefined)).toBeUndefined();
    expect(parseStructuredDictionary(undefined)).toBeUndefined();
  });

  property.prop([
    fc.array(
      fc.tuple(
        fc.string({ unit: "grapheme-ascii" }),
        fc.dictionary(fc.stringMatching(/^[a-z*][a-z0-9_.*-]*$/), fc.nat()),
      ),
      { minLength: 1 },
    ),
  ])("is read back as it was written", (members) => {
    const text = members
      .map(([value, parameters]) =>
        [
          `"${value.replace(/["\\]/g, "\\$&")}"`,
          ...Object.entries(parameters).map(([key, n]) => `${key}=${n}`),
        ].join(";"),
      )
      .join(", ");
    expect(list(text)).toEqual(
      members.map(([value, parameters]) => [value, { ...parameters }]),
    );
  });
});

describe("a structured dictionary", () => {
  const read = (text: string) => {
    const members = parseStructuredDictionary(text);
    return (
      members &&
      Object.fromEntries([...members].map(([key, { value }]) => [key, value]))
    );
  };

  it("is read, and the last of equal keys holds", () => {
    expect(read('limit=100, a="x";p=1,flag, limit=7')).toEqual({
      limit: 7,
      a: "x",
      flag: true,
    });
  });

  it.each(["", "=1", "a=", "a=1,", "A=1", '"a"', "a = 1", "1"])(
    "is refused whole: %j",
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );
});
