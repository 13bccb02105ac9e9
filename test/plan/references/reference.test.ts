import { describe, expect, it, test } from "vitest";
import {
  parseReference,
  readReference,
  type Reference,
} from "@/plan/references/reference.js";

describe("a whole string", () => {
  it.each<[string, number, Reference["path"]]>([
    ["$1", 1, []],
    ["$0", 0, []],
    ["$100", 100, []],
    ["$999999999", 999_999_999, []],
    ["${1}", 1, []],
    ["${12}", 12, []],
    ["$1.output", 1, []],
    ["${1.output}", 1, []],
    ["$1.output.id", 1, ["id"]],
    ["$1.output[0]", 1, [0]],
    ["$1.output.output", 1, ["output"]],
    ["$1.id.output", 1, ["id", "output"]],
    ["$1.items[0].id", 1, ["items", 0, "id"]],
    ["${1.items[0].id}", 1, ["items", 0, "id"]],
    ["$1[0][10]", 1, [0, 10]],
    ["$1[999999999]", 1, [999_999_999]],
    ["$1._a-b_1", 1, ["_a-b_1"]],
    ["$1.größe.名前.имя", 1, ["größe", "名前", "имя"]],
    ["$1.𝒳𝒴[0]", 1, ["𝒳𝒴", 0]],
    ['$1["any name"]', 1, ["any name"]],
    ['${1["any name"].id}', 1, ["any name", "id"]],
    ['$1["0"]', 1, ["0"]],
    ['$1[""]', 1, [""]],
    ['$1["a.b[0]}"]', 1, ["a.b[0]}"]],
    ['${1["}"]}', 1, ["}"]],
    [String.raw`$1["say \"hi\" \\ bye"]`, 1, [String.raw`say "hi" \ bye`]],
    [String.raw`$1["\\\""]`, 1, [String.raw`\"`]],
    ['$1["a\nb 😀"]', 1, ["a\nb 😀"]],
    ["$1.__proto__.constructor", 1, ["__proto__", "constructor"]],
    ["$1['any name']", 1, ["any name"]],
    [String.raw`$1['it\'s "so"']`, 1, [`it's "so"`]],
    ["$1.items.0.id", 1, ["items", 0, "id"]],
    ["$1.items.10", 1, ["items", 10]],
    ["$1.0.id", 1, [0, "id"]],
    ["$1.0[1]", 1, [0, 1]],
    ["${1.0}", 1, [0]],
    ["${ 1 }", 1, []],
    ["${ 1.items[0].id }", 1, ["items", 0, "id"]],
    ["${1\n}", 1, []],
    ["$1[ 0 ]", 1, [0]],
    ["$1[ 'a' ].b", 1, ["a", "b"]],
  ])("may be the reference %s", (text, ordinal, path) => {
    expect(parseReference(text)).toMatchObject({ text, ordinal, path });
  });

  it.each([" $1", "$1 ", "$1\n", "\t$1 ", "\uFEFF$1"])(
    "may have space around it: %j",
    (text) => {
      expect(parseReference(text)).toMatchObject({ text: "$1", ordinal: 1 });
    },
  );

  it.each([
    "",
    "$",
    "$$",
    "1",
    "{1}",
    "${",
    "${}",
    "$()",
    "$a",
    "$.a",
    "$[0]",
    "${1",
    "${1.a",
    "$1}",
    "${1}}",
    "${1}.a",
    "${1.}",
    "${1[}",
    "$1.",
    "$1..a",
    "$1.a.",
    "$1. a",
    "$1 .a",
    "$1.a b",
    "$1.-a",
    "$1.1a",
    "$1.a()",
    "$1?.a",
    "$1[",
    "$1[]",
    "$1]",
    "$1[0",
    "$1[-1]",
    "$1[01]",
    "$1[1.5]",
    "$1[1234567890]",
    "$1[a]",
    '$1["a]',
    '$1["a"',
    '$1["a"b"]',
    String.raw`$1["a\"]`,
    String.raw`$1["a\n"]`,
    String.raw`$1["\u0061"]`,
    "$1.50",
    "$1.0",
    "$1.2.3",
    "$1.a.00",
    "$1.a.0b",
    "$1.5m",
    "$100.00",
    "$1,000",
    "$1e5",
    "$1k",
    "$1-2",
    "$1%",
    "$01",
    "${01}",
    "$00",
    "$1234567890",
    "$-1",
    "$+1",
    "$ 1",
    "$1\u0000",
    "$１",
    "＄1",
    "$١",
    "$1.e\u0301",
    "$1.😀",
    "$1\uD83D",
    "$1$2",
    "$2$1",
    "${1}${2}",
    "$$1",
    "$${1}",
    "\\$1",
    "#{1}",
    "{{1}}",
    "${HOME}",
    "${1:-x}",
    "${1+1}",
    "$env:PATH",
    "WHERE id=$1",
    "SELECT $1",
    "awk '{print $1}'",
    "s/(a)/$1/",
  ])("is no reference if it is %j", (text) => {
    expect(parseReference(text)).toBeUndefined();
  });

  it.each([
    ["$1.", ""],
    ["${1.output.", "}"],
    ['$1["', '"]'],
    ["$1[0].a[0].", ""],
  ])("of 1,000 characters may be one, of 1,001 is none: %s...%s", (a, z) => {
    const ofLength = (length: number) =>
      a + "x".repeat(length - a.length - z.length) + z;
    expect(parseReference(ofLength(1_000))?.text).toHaveLength(1_000);
    expect(parseReference(ofLength(1_001))).toBeUndefined();
    expect(parseReference(ofLength(1_000_000))).toBeUndefined();
  });
});

test("a reference is bare only if it is a number without braces and without a path", () => {
  const bare = (text: string) => parseReference(text)?.isBare;
  expect(["$5", "$0", "$100"].map(bare)).toEqual([true, true, true]);
  expect(["${5}", "$5.a", "$5[0]", "$5.output"].map(bare)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

describe("within a text,", () => {
  it.each([
    ["a $1.b c", 2, "$1.b"],
    ["$1.50", 0, "$1"],
    ["$1.a.", 0, "$1.a"],
    ["$1[x]", 0, "$1"],
    ["$2$1", 0, "$2"],
    ["$2$1", 2, "$1"],
    ["${1}.a", 0, "${1}"],
    ["x${2.a[0]}y", 1, "${2.a[0]}"],
  ])("%j has at %i the reference %s", (source, from, text) => {
    expect(readReference(source, from)?.text).toBe(text);
    // The patterns keep a place of their own between two readings.
    expect(readReference(source, from)?.text).toBe(text);
  });

  it.each([
    ["a $1", 1],
    ["a $1", 3],
    ["a $1", 4],
    ["a $1", 99],
    ["$01", 0],
    ["$1234567890", 0],
    ["${1", 0],
    ["${1.a ${2}", 0],
  ])("%j has none at %i", (source, from) => {
    expect(readReference(source, from)).toBeUndefined();
  });
});
