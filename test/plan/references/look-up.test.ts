import { UnresolvedReferenceError } from "@/errors/unresolved-reference-error.js";
import { lookUp } from "@/plan/references/look-up.js";
import { parseReference, type Reference } from "@/plan/references/reference.js";
import { describe, expect, it } from "vitest";

function find(text: string, output: unknown): unknown {
  return lookUp(parseReference(text) as Reference, output);
}

/** `["what is wrong", "what there is"]`, of the error that `find` throws. */
function problemOf(text: string, output: unknown): string[] {
  let error: unknown;
  try {
    find(text, output);
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof UnresolvedReferenceError)) {
    throw new Error(`"${text}" was found`);
  }
  expect(error.reference).toBe(text);
  const [, problem = ""] =
    /^The reference ".*" finds nothing: (.*), so the call was not run\. /s.exec(
      error.message,
    ) ?? [];
  return [problem, ...error.valid];
}

const user = { id: 7, name: "Ada", tags: ["a", "b"], 5: "five", none: null };

describe("a reference", () => {
  it.each<[string, unknown, unknown]>([
    ["$1", user, user],
    ["$1.output", user, user],
    ["$1", null, null],
    ["$1", "", ""],
    ["$1.id", user, 7],
    ["$1.none", user, null],
    ["$1.tags", user, user.tags],
    ["$1.tags[1]", user, "b"],
    ["$1[5]", user, "five"],
    ['$1["5"]', user, "five"],
    ["$1[0].id", [user], 7],
    ["$1[1][0]", [0, [false]], false],
    ['$1["a.b"]', { "a.b": 1 }, 1],
    ['$1[""]', { "": 1 }, 1],
    ["$1.output.output", { output: 1 }, 1],
    ["$1.length", { length: 3 }, 3],
    ["$1.toString", { toString: 4 }, 4],
  ])("%s of %j finds %j", (text, output, value) => {
    expect(find(text, output)).toBe(value);
  });

  it.each<[string, unknown, string[]]>([
    [
      "$1.idd",
      user,
      [
        "`$1` has no such field",
        '$1["5"]',
        "$1.id",
        "$1.name",
        "$1.tags",
        "$1.none",
      ],
    ],
    ["$1.a", {}, ["`$1` has no such field", "$1"]],
    [
      "$1.tags[2]",
      user,
      ["`$1.tags` is a list of 2", "$1.tags[0] to $1.tags[1]"],
    ],
    [
      "$1.tags.length",
      user,
      ["`$1.tags` is a list of 2", "$1.tags[0] to $1.tags[1]"],
    ],
    [
      '$1.tags["0"]',
      user,
      ["`$1.tags` is a list of 2", "$1.tags[0] to $1.tags[1]"],
    ],
    ["$1[0]", [], ["`$1` is an empty list", "$1"]],
    ["$1[0].id", [null], ["`$1[0]` is null", "$1[0]"]],
    ["$1.name.length", user, ["`$1.name` is a string", "$1.name"]],
    ["$1.name[0]", user, ["`$1.name` is a string", "$1.name"]],
    ["$1.id.x", user, ["`$1.id` is a number", "$1.id"]],
    ["$1.x", true, ["`$1` is a boolean", "$1"]],
    ["${2.a.b}", { a: { c: 1 } }, ["`$2.a` has no such field", "$2.a.c"]],
    [
      '$1["a b"].x',
      { "a b": { 'q"\\': 1, "ä-1": 2, "1a": 3, "": 4 } },
      [
        '`$1["a b"]` has no such field',
        String.raw`$1["a b"]["q\"\\"]`,
        '$1["a b"].ä-1',
        '$1["a b"]["1a"]',
        '$1["a b"][""]',
      ],
    ],
  ])("%s of %j finds nothing and is told %j", (text, output, problem) => {
    expect(problemOf(text, output)).toEqual(problem);
  });

  it("is told of a field named output as it has to be written", () => {
    const output = { output: { output: { id: 7 } }, code: 0 };
    expect(problemOf("$1.x", output)).toEqual([
      "`$1` has no such field",
      "$1.output.output",
      "$1.code",
    ]);
    expect(problemOf("$1.output.output.x", output)).toEqual([
      "`$1.output.output` has no such field",
      "$1.output.output.output",
    ]);
  });

  it("is only told what finds something", () => {
    const output = {
      output: { output: [7] },
      "a b": null,
      'q"\\': { "": 1 },
      "a\nb": 1,
      "\uD83D": 2,
      tags: [[1]],
    };
    const seen = ["$1.x"];
    for (const text of seen) {
      const [, ...valid] = problemOf(text, output);
      for (const one of valid.flatMap((range) => range.split(" to "))) {
        expect(find(one, output)).not.toBe(output);
        if (!seen.includes(`${one}.x`)) seen.push(`${one}.x`);
      }
    }
    expect(seen).toContain("$1.output.output.output[0].x");
  });

  it("is told ten names at most", () => {
    const fields = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`f${i}`, i] as const),
      );
    const names = Array.from({ length: 10 }, (_, i) => `$1.f${i}`);
    expect(problemOf("$1.x", fields(10)).slice(1)).toEqual(names);
    expect(problemOf("$1.x", fields(11)).slice(1)).toEqual([...names, "..."]);
  });

  it.each(["__proto__", "constructor", "prototype", "hasOwnProperty"])(
    "never finds %s in what an object inherits",
    (name) => {
      for (const output of [{ a: 1 }, [1], "text", 1, new Date(0)]) {
        expect(problemOf(`$1.${name}`, output)[0]).toContain("`$1` ");
        expect(problemOf(`$1["${name}"]`, output)[0]).toContain("`$1` ");
      }
    },
  );

  it.each(["__proto__", "constructor", "prototype"])(
    "neither finds nor names %s where it is data",
    (name) => {
      const output: unknown = JSON.parse(`{"a":1,"${name}":{"b":2}}`);
      expect(problemOf(`$1.${name}`, output)).toEqual([
        "`$1` has no such field",
        "$1.a",
      ]);
    },
  );
});

it("the error of a reference that finds nothing says what to do, with and without a choice", () => {
  expect(() => find("$1.b", { a: 1 })).toThrow(
    'The reference "$1.b" finds nothing: `$1` has no such field, so the call was not run. Valid here: $1.a.',
  );
  const error = new UnresolvedReferenceError("$1.b", "finds nothing", []);
  expect(error.message).toBe(
    'The reference "$1.b" finds nothing, so the call was not run. There is nothing that this call could refer to.',
  );
});

it("names of an output that are very long are not listed", () => {
  const output = { ["x".repeat(101)]: 1, ["y".repeat(100)]: 2 };
  const [, ...valid] = problemOf("$1.z", output);
  expect(valid).toEqual([`$1.${"y".repeat(100)}`]);
});
