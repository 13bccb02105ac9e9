import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Place } from "@/plan/references/find-references.js";
import { ParameterTypes } from "@/plan/references/parameter-types.js";

const ALL = ["array", "boolean", "null", "number", "object", "string"];

function placeOf(...keys: (string | number)[]): Place {
  let place: Place = { value: undefined, key: "", parent: undefined };
  for (const key of keys) place = { value: undefined, key, parent: place };
  return place;
}

function typesAt(schema: unknown, ...keys: (string | number)[]): string[] {
  return [...new ParameterTypes(schema).at(placeOf(...keys))].sort();
}

interface Tree {
  name: string;
  children: Tree[];
}
const tree: z.ZodType<Tree> = z.object({
  name: z.string(),
  get children() {
    return z.array(tree);
  },
});

const ZOD = z.object({
  text: z.string(),
  maybe: z.string().optional(),
  orNull: z.string().nullable(),
  count: z.number().int(),
  either: z.union([z.string(), z.array(z.string())]),
  one: z.enum(["a", "b"]),
  exact: z.literal(7),
  any: z.any(),
  list: z.array(z.object({ id: z.number(), tag: z.string().nullish() })),
  pair: z.tuple([z.string(), z.number()]),
  record: z.record(z.string(), z.boolean()),
  choice: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("a"), value: z.string() }),
    z.object({ kind: z.literal("b"), value: z.number() }),
  ]),
  both: z.intersection(
    z.object({ x: z.string() }),
    z.object({ y: z.number() }),
  ),
  tree,
  members: z.union([z.object({ a: z.string() }), z.object({ b: z.number() })]),
  kinds: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("text"), value: z.string() }),
    z.object({ kind: z.enum(["int", "float"]), value: z.number() }),
  ]),
  narrow: z
    .object({ x: z.string() })
    .and(z.record(z.string(), z.union([z.string(), z.number()]))),
});

describe("the types that a parameter of a zod schema takes", () => {
  it.each<[string, (string | number)[], string[]]>([
    ["a text", ["text"], ["string"]],
    ["an optional text", ["maybe"], ["string"]],
    ["a text or null", ["orNull"], ["null", "string"]],
    ["a number", ["count"], ["number"]],
    ["a text or a list", ["either"], ["array", "string"]],
    ["an item of that list", ["either", 0], ["string"]],
    ["an enum", ["one"], ["string"]],
    ["a constant", ["exact"], ["number"]],
    ["anything", ["any"], ALL],
    ["what is in anything", ["any", "x", 0], ALL],
    ["a list", ["list"], ["array"]],
    ["an item", ["list", 3], ["object"]],
    ["a field of an item", ["list", 3, "id"], ["number"]],
    ["a nullish field of an item", ["list", 0, "tag"], ["null", "string"]],
    ["the first of a pair", ["pair", 0], ["string"]],
    ["the second of a pair", ["pair", 1], ["number"]],
    ["a value of a record", ["record", "k"], ["boolean"]],
    ["a field of a choice", ["choice", "value"], ["number", "string"]],
    ["a field of the first part", ["both", "x"], ["string"]],
    ["a field of the second part", ["both", "y"], ["number"]],
    ["a field of a recursive part", ["tree", "name"], ["string"]],
    [
      "a field deep in a recursive part",
      ["tree", "children", 0, "children", 1, "name"],
      ["string"],
    ],
    ["a field of one member", ["members", "a"], ["string"]],
    ["a field of the other member", ["members", "b"], ["number"]],
    ["a field that a record narrows", ["narrow", "x"], ["string"]],
    ["a field that there isn't", ["nobody"], ALL],
  ])("%s", (_, keys, types) => {
    expect(typesAt(z.toJSONSchema(ZOD), ...keys)).toEqual(types);
  });

  it.each([
    ["text", ["string"]],
    ["float", ["number"]],
    ["other", ALL],
  ])("a field of the member with the kind %s", (kind, types) => {
    const args = { kinds: { kind, value: "$1" } };
    const root: Place = { value: args, key: "", parent: undefined };
    const kinds: Place = { value: args.kinds, key: "kinds", parent: root };
    const place: Place = { value: "$1", key: "value", parent: kinds };
    const found = new ParameterTypes(z.toJSONSchema(ZOD)).at(place);
    expect([...found].sort()).toEqual(types);
  });
});

describe("of a JSON schema", () => {
  it("all keywords count together", () => {
    const schema = {
      properties: {
        a: { type: ["string", "integer"], enum: [1, 2] },
        b: { allOf: [{ type: ["string", "null"] }, { type: "string" }] },
        c: { oneOf: [{ const: true }, { const: null }] },
        d: { $ref: "#/$defs/x~1y" },
        e: { $ref: "https://elsewhere.example/schema" },
        f: true,
        g: { $ref: "#" },
      },
      patternProperties: { "^x": { type: "string" } },
      additionalProperties: false,
      $defs: { "x/y": { type: "string" } },
    };
    expect(typesAt(schema, "a")).toEqual(["number"]);
    expect(typesAt(schema, "b")).toEqual(["string"]);
    expect(typesAt(schema, "c")).toEqual(["boolean", "null"]);
    expect(typesAt(schema, "d")).toEqual(["string"]);
    expect(typesAt(schema, "e")).toEqual(ALL);
    expect(typesAt(schema, "f")).toEqual(ALL);
    expect(typesAt(schema, "g", "g", "d")).toEqual(["string"]);
    expect(typesAt(schema, "x1")).toEqual(["string"]);
  });

  it("lists of older and newer drafts are read", () => {
    const old = {
      items: [{ type: "string" }],
      additionalItems: { type: "null" },
    };
    const now = { prefixItems: [{ type: "string" }], items: { type: "null" } };
    for (const schema of [old, now]) {
      expect(typesAt(schema, 0)).toEqual(["string"]);
      expect(typesAt(schema, 1)).toEqual(["null"]);
    }
  });

  it.each<[string, unknown]>([
    ["none", undefined],
    ["a wrong one", { properties: 7, items: "x", type: 7, anyOf: {} }],
    ["one that refers to itself", { $ref: "#" }],
    ["own fields only", { properties: {} }],
  ])("that is of no use (%s) anything goes", (_, schema) => {
    expect(typesAt(schema, "toString")).toEqual(ALL);
  });

  it("that is cyclic or nested 100,000 levels deep an answer comes", () => {
    const cyclic: Record<string, unknown> = { type: "string" };
    cyclic["anyOf"] = [cyclic];
    expect(typesAt(cyclic)).toEqual(["string"]);
    let deep: unknown = { type: "string" };
    for (let i = 0; i < 100_000; i += 1) deep = { anyOf: [deep] };
    expect(typesAt(deep)).toEqual(ALL);
    expect(typesAt(deep, "x")).toEqual(ALL);
  });
});
