import { fc, test } from "@fast-check/vitest";
import { expect, it } from "vitest";
import { jsonSource } from "@/plan/references/json-source.js";

it.each<[string, (string | number)[], string]>([
  ['{"v": 1.10}', ["v"], "1.10"],
  [' {"a" : [ 1E5 , {"b":-0 } ] } ', ["a", 0], "1E5"],
  [' {"a" : [ 1E5 , {"b":-0 } ] } ', ["a", 1], '{"b":-0 }'],
  [' {"a" : [ 1E5 , {"b":-0 } ] } ', ["a", 1, "b"], "-0"],
  [' {"a" : [ 1E5 , {"b":-0 } ] } ', [], '{"a" : [ 1E5 , {"b":-0 } ] }'],
  ['{"a":1,"b":{"a":2},"a":3.0}', ["a"], "3.0"],
  [String.raw`{"\u0061\"}":true,"x":null}`, ['a"}'], "true"],
  [String.raw`{"t":"\\","x":null}`, ["x"], "null"],
  ['["]", "{", 12345678901234567890]', [2], "12345678901234567890"],
  ["[[],{},[{}]]", [2, 0], "{}"],
  ["\t7\n", [], "7"],
])("of %s the part at %j is %s", (json, path, source) => {
  expect(jsonSource(json, path)).toBe(source);
});

/** Every path of a value. */
function pathsOf(value: unknown): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [[]];
  const parts: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [
    [],
    ...parts.flatMap(([key, part]) =>
      pathsOf(part).map((path) => [key, ...path]),
    ),
  ];
}

test.prop([fc.jsonValue({ stringUnit: "binary" }), fc.nat(3)])(
  "each part of any JSON is found",
  (given, indent) => {
    const json = JSON.stringify(given, null, indent);
    const value: unknown = JSON.parse(json);
    for (const path of pathsOf(value)) {
      let part = value;
      for (const key of path)
        part = (part as Record<string | number, unknown>)[key];
      expect(JSON.parse(jsonSource(json, path))).toEqual(part);
    }
  },
);

it("a long or deep text takes linear time", () => {
  const long = JSON.stringify({ a: "x".repeat(5_000_000), b: 1 });
  expect(jsonSource(long, ["b"])).toBe("1");
  const deep = `{"a":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)},"b":2}`;
  expect(jsonSource(deep, ["b"])).toBe("2");
});
