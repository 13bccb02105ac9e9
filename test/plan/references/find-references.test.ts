import {
  findReferences,
  type Place,
} from "@/plan/references/find-references.js";
import { describe, expect, it } from "vitest";

/** `["items.0 <- $1"]`: where, and what in it is a reference. */
function placesOf(args: unknown, isEmbedded = false): string[] {
  return findReferences(args, isEmbedded).map(({ at, pieces, isWhole }) => {
    const texts = pieces.map((piece) =>
      typeof piece === "string" ? JSON.stringify(piece) : piece.text,
    );
    return `${pathOf(at)} ${isWhole ? "is" : "has"} ${texts.join(" ")}`;
  });
}

function pathOf({ key, parent }: Place): string {
  if (parent?.parent === undefined) return String(key);
  return `${pathOf(parent)}.${key}`;
}

describe("references are found", () => {
  it("in nested objects and arrays, in the order of the text", () => {
    const args = {
      a: "$1",
      b: { c: ["x", "${2.id}", { d: "$3[0]" }], e: "$4" },
      f: ["$5", ["$6"]],
    };
    expect(placesOf(args)).toEqual([
      "a is $1",
      "b.c.1 is ${2.id}",
      "b.c.2.d is $3[0]",
      "b.e is $4",
      "f.0 is $5",
      "f.1.0 is $6",
    ]);
  });

  it("in arguments that are one string", () => {
    expect(findReferences("$1", false)).toMatchObject([
      { at: { parent: undefined }, text: "$1" },
    ]);
  });

  it("in objects without a prototype, and under any key", () => {
    const bare = Object.assign(Object.create(null), { x: "$1" }) as object;
    expect(placesOf(bare)).toEqual(["x is $1"]);
    expect(
      placesOf(JSON.parse('{"__proto__":{"constructor":"$1"},"":"$2"}')),
    ).toEqual(["__proto__.constructor is $1", " is $2"]);
  });

  it("once in an object that holds itself", () => {
    const args: Record<string, unknown> = { x: "$1", list: [] };
    args["self"] = args;
    (args["list"] as unknown[]).push(args["list"], "$2");
    expect(placesOf(args)).toEqual(["x is $1", "list.1 is $2"]);
  });

  it("not in keys", () => {
    expect(placesOf({ $1: "x", "${2}": { $3: 1 } }, true)).toEqual([]);
  });

  it.each([
    ["a number", 1],
    ["a date", new Date(0)],
    ["a map", new Map([["x", "$1"]])],
    ["a set", new Set(["$1"])],
    ["a String object", new String("$1")],
    ["a function", Object.assign(() => {}, { x: "$1" })],
    [
      "what has a class",
      new (class {
        x = "$1";
      })(),
    ],
    ["what inherits", Object.create({ x: "$1" }) as object],
    ["null", null],
    ["undefined", undefined],
  ])("not in %s", (_, value) => {
    expect(placesOf(value, true)).toEqual([]);
    expect(placesOf({ value, list: [value] }, true)).toEqual([]);
  });
});

describe("within a longer text,", () => {
  it("nothing counts, unless asked for", () => {
    for (const text of ["a ${1}", "${1} a", "${1}${2}", "$${1}"]) {
      expect(placesOf({ text })).toEqual([]);
    }
  });

  it.each([
    ["a ${1} b", '"a " ${1} " b"'],
    ["${1}${2.x}", '"" ${1} "" ${2.x} ""'],
    ["${1} $1 $2.a", '"" ${1} " $1 $2.a"'],
    ["${a} ${1", undefined],
    ["${${1}}", '"${" ${1} "}"'],
    ["{${1}}", '"{" ${1} "}"'],
    ["${1.a ${2}", '"${1.a " ${2} ""'],
    ['${1["}"]}!', '"" ${1["}"]} "!"'],
    ["${01} ${1:-x} ${}", undefined],
    ["a ${ 1 }", '"a " ${ 1 } ""'],
    ["WHERE id=$1 AND $2", undefined],
    ["$2$1", undefined],
    ["awk '{print $1}'", undefined],
    ["$ {1}", undefined],
    ["ä😀${1}ß", '"ä😀" ${1} "ß"'],
  ])("%s is read as %s", (text, pieces) => {
    expect(placesOf({ text }, true)).toEqual(
      pieces === undefined ? [] : [`text has ${pieces}`],
    );
  });

  it.each([
    ["$${1}", '"" "${1}" ""'],
    ["a $${1} b ${2}", '"a " "${1}" " b " ${2} ""'],
    ["${1}$${2}", '"" ${1} "" "${2}" ""'],
    ["$${1}${2}", '"" "${1}" "" ${2} ""'],
    ["$$${1}", '"$" "${1}" ""'],
    ["$${1}$${2}", '"" "${1}" "" "${2}" ""'],
    ["$${HOME} $${", undefined],
    ["$$1", undefined],
  ])("%s is escaped, as %s", (text, pieces) => {
    expect(placesOf({ text }, true)).toEqual(
      pieces === undefined ? [] : [`text has ${pieces}`],
    );
  });

  it("a path of more than 1,000 characters is none", () => {
    const found = (length: number) =>
      placesOf({ text: `!\${1.${"a".repeat(length)}}` }, true).length;
    expect([found(900), found(1_001), found(100_000)]).toEqual([1, 0, 0]);
    const steps = `!\${1${".a".repeat(1_000)}}`;
    expect(placesOf({ steps }, true)).toEqual([]);
  });

  it.each([
    ["${1}\n", 'text has "" ${1} "\\n"'],
    ["    ${1.a}", 'text has "    " ${1.a} ""'],
    ["$1\n", "text is $1"],
  ])("the space around a reference is text: %j", (text, found) => {
    expect(placesOf({ text }, true)).toEqual([found]);
  });

  it("one reference alone is still whole", () => {
    expect(placesOf({ text: "${1.a}" }, true)).toEqual(["text is ${1.a}"]);
    expect(placesOf({ text: "$1.a" }, true)).toEqual(["text is $1.a"]);
  });
});
