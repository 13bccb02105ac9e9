import { describe, expect, it } from "vitest";
import { widenSchema } from "@/references/widen-schema.js";
import { deepFreeze } from "../support/deep-freeze.js";
import { REFERENCE } from "../support/reference-schema.js";
import { isValid } from "../support/validate-schema.js";

/** Parameters with one parameter `x`. */
const params = (x: unknown, more: object = {}) => ({
  type: "object",
  properties: { x },
  required: ["x"],
  additionalProperties: false,
  ...more,
});

/** What becomes of a parameter. */
function widened(x: unknown): unknown {
  const { properties, ...rest } = widenSchema(deepFreeze(params(x)));
  expect({ ...rest, properties: { x } }).toEqual(params(x));
  return (properties as { x: unknown }).x;
}

describe("a parameter", () => {
  it.each([
    { type: "number", minimum: 1, maximum: 5, description: "How many." },
    { type: "integer" },
    { type: "boolean" },
    { type: "null" },
    { type: ["integer", "null"] },
    { type: ["string", "null"], enum: ["a", null] },
    { type: "string", enum: ["a", "b"] },
    { enum: [1, "a"] },
    { const: 5 },
    { type: "string", pattern: "^a" },
    { type: "string", format: "date-time" },
    { type: "string", minLength: 3 },
    { type: "string", maxLength: 80 },
    { type: "string", not: { const: "a" } },
    { type: "string", if: { minLength: 1 } },
    { type: "array", items: { type: "string" } },
    { type: "object" },
    { type: "object", properties: {} },
    { $ref: "#/$defs/other" },
    { nullable: true, anyOf: [{ type: "number" }] },
    { type: "number", default: 5 },
  ])("of %j may be a reference instead", (schema) => {
    expect(widened(schema)).toEqual({ anyOf: [schema, REFERENCE] });
  });

  it.each([
    { type: "string" },
    { type: "string", minLength: 1, description: "Not empty." },
    { type: ["number", "string"], minimum: 3 },
    {},
    true,
    { description: "Anything." },
    { anyOf: [{ type: "string" }, { type: "null" }] },
    { anyOf: [{ type: "number" }, { anyOf: [{ type: "string" }] }] },
    { anyOf: [{ type: "number" }, true] },
    { anyOf: { type: "number" } },
    false,
    { not: {} },
    { not: true },
    null,
    7,
    "string",
    ["string"],
  ])("of %j stays as it is", (schema) => {
    expect(widened(schema)).toEqual(schema);
  });

  it.each([
    [
      { anyOf: [{ type: "number" }, { type: "null" }], description: "One." },
      {
        anyOf: [{ type: "number" }, { type: "null" }, REFERENCE],
        description: "One.",
      },
    ],
    [
      { oneOf: [{ const: 1 }, { const: 2 }] },
      { anyOf: [{ const: 1 }, { const: 2 }, REFERENCE] },
    ],
    [
      { oneOf: [{ type: "string" }, { type: "array", items: { const: 1 } }] },
      {
        anyOf: [
          { type: "string" },
          {
            type: "array",
            items: { anyOf: [{ const: 1 }, REFERENCE] },
          },
        ],
      },
    ],
  ])("of the union %j gets another branch", (schema, expected) => {
    expect(widened(schema)).toEqual(expected);
  });

  it.each([
    ["properties", { properties: { a: { type: "number" } } }],
    ["patternProperties", { patternProperties: { "^a": { type: "number" } } }],
    ["additionalProperties", { additionalProperties: { type: "number" } }],
    ["unevaluatedProperties", { unevaluatedProperties: { type: "number" } }],
    ["items", { items: { type: "number" } }],
    ["items", { items: [{ type: "number" }], additionalItems: false }],
    ["prefixItems", { prefixItems: [{ type: "number" }], items: false }],
    ["additionalItems", { items: [], additionalItems: { type: "number" } }],
    ["unevaluatedItems", { unevaluatedItems: { type: "number" } }],
  ])("is widened in its %s, too: %j", (_, schema) => {
    const inside = JSON.stringify(schema).replace(
      '{"type":"number"}',
      JSON.stringify({ anyOf: [{ type: "number" }, REFERENCE] }),
    );
    expect(widened(schema)).toEqual(JSON.parse(inside));
    expect(widened({ ...schema, type: "object" })).toEqual({
      anyOf: [{ ...JSON.parse(inside), type: "object" }, REFERENCE],
    });
  });

  it.each(["not", "if", "contains", "propertyNames"])(
    "keeps a condition as it is: %s",
    (keyword) => {
      const schema = {
        type: "array",
        [keyword]: {
          properties: { a: { type: "number" } },
          oneOf: [{ items: { type: "number" } }],
        },
      };
      expect(widened(schema)).toEqual({ anyOf: [schema, REFERENCE] });
    },
  );

  it.each(["then", "else", "dependentSchemas", "dependencies"])(
    "is widened inside what holds under a condition: %s",
    (keyword) => {
      const holding = (a: unknown) => {
        const schema = { properties: { a } };
        const isMap = keyword.startsWith("depend");
        return {
          type: "object",
          if: { required: ["a"] },
          [keyword]: isMap ? { a: schema, b: schema } : schema,
        };
      };
      expect(widened(holding({ const: 1 }))).toEqual({
        anyOf: [holding({ anyOf: [{ const: 1 }, REFERENCE] }), REFERENCE],
      });
    },
  );

  it("keeps what no schema is where schemas are due", () => {
    const schema = {
      type: "object",
      dependencies: { a: ["b", "c"] },
      properties: ["a"],
      patternProperties: null,
      items: 4,
      anyOf: {},
    };
    expect(widened(schema)).toEqual({ anyOf: [schema, REFERENCE] });
  });

  it("keeps values that look like schemas", () => {
    const value = { type: "object", properties: { a: { type: "number" } } };
    for (const keyword of ["const", "default", "examples", "enum"]) {
      const schema = { type: "object", [keyword]: value };
      expect(widened(schema)).toEqual({ anyOf: [schema, REFERENCE] });
    }
  });

  it("may be named like anything that objects inherit", () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"number"},"toString":{"type":"number"}}}',
    );
    const number = `{"anyOf":[{"type":"number"},${JSON.stringify(REFERENCE)}]}`;
    expect(JSON.stringify(widenSchema(schema))).toBe(
      `{"type":"object","properties":{"__proto__":${number},"toString":${number}}}`,
    );
  });

  it("keeps a `oneOf` beside an `anyOf`", () => {
    const choice = [{ type: "array", items: { const: 1 } }];
    expect(widened({ anyOf: choice, oneOf: choice })).toEqual({
      anyOf: [
        {
          anyOf: [
            { type: "array", items: { anyOf: [{ const: 1 }, REFERENCE] } },
          ],
          oneOf: choice,
        },
        REFERENCE,
      ],
    });
  });
});

describe("the root", () => {
  it("is never a reference, whatever it is", () => {
    const number = { type: "number" };
    const schemas = [
      { type: "object", additionalProperties: false },
      { anyOf: [{ type: "object", properties: { a: number } }] },
      { allOf: [{ $ref: "#/$defs/a" }], $defs: { a: number } },
      { $ref: "#/definitions/a", definitions: { a: number } },
    ];
    for (const schema of schemas) {
      expect(isValid(widenSchema(schema), "$1")).toBe(false);
    }
  });

  it("keeps its $id and $schema, and its own keywords", () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "https://example.com/a",
      ...params({ const: 1 }),
      strict: true,
    };
    expect(widenSchema(schema)).toEqual({
      ...schema,
      properties: { x: { anyOf: [{ const: 1 }, REFERENCE] } },
    });
  });
});

describe("$ref", () => {
  it("leads to a definition that is widened inside, also a recursive one", () => {
    const tree = (link: unknown, value: unknown) => ({
      type: "object",
      properties: { value, kids: link },
    });
    const array = { type: "array", items: { $ref: "#/$defs/tree" } };
    const schema = params(
      { $ref: "#/$defs/tree" },
      { $defs: { tree: tree(array, { type: "number" }) } },
    );

    const result = widenSchema(deepFreeze(schema));

    const or = (original: unknown) => ({ anyOf: [original, REFERENCE] });
    expect(result).toEqual(
      params(or({ $ref: "#/$defs/tree" }), {
        $defs: {
          tree: tree(
            or({ type: "array", items: or({ $ref: "#/$defs/tree" }) }),
            or({ type: "number" }),
          ),
        },
      }),
    );
    const nested = (kids: unknown) => ({ x: { value: 1, kids: [{ kids }] } });
    expect(isValid(result, nested("$1.kids"))).toBe(true);
    expect(isValid(result, nested(["$1", { value: "$2.n" }]))).toBe(true);
    expect(isValid(result, nested("none"))).toBe(false);
  });

  it("leads to the root, which is no reference but within a part", () => {
    const schema = params({ type: "array", items: { $ref: "#" } });
    const result = widenSchema(schema);
    expect(isValid(result, { x: [{ x: [] }, "$1[0]", { x: "$1" }] })).toBe(
      true,
    );
    expect(isValid(result, { x: [{ x: [3] }] })).toBe(false);
  });

  it.each([
    ["properties/a", "properties/a/anyOf/0"],
    ["properties/a/properties/b", "properties/a/anyOf/0/properties/b/anyOf/0"],
    ["properties/a/properties/none", "properties/a/anyOf/0/properties/none"],
    ["properties/c~1d%20e", "properties/c~1d%20e/anyOf/0"],
    ["properties/m~0n", "properties/m~0n/anyOf/0"],
    ["properties/c~1d e", "properties/c~1d%20e/anyOf/0"],
    ["properties/u/oneOf/1/items", "properties/u/anyOf/1/items/anyOf/0"],
    ["properties/text", "properties/text"],
    ["properties/none", "properties/none"],
    ["properties/%E0", "properties/%E0"],
    ["$defs/a", "$defs/a"],
  ])("to #/%s follows what has moved, to #/%s", (before, after) => {
    const number = { type: "number" };
    const schema = {
      type: "object",
      properties: {
        a: { type: "object", properties: { b: number } },
        "c/d e": number,
        "m~n": number,
        u: { oneOf: [number, { type: "array", items: number }] },
        text: { type: "string" },
        link: { $ref: `#/${before}` },
        nested: { type: "array", not: { $ref: `#/${before}` } },
      },
    };
    const { properties } = widenSchema(deepFreeze(schema)) as {
      properties: Record<string, unknown>;
    };
    const link = { $ref: `#/${after}` };
    expect(properties["link"]).toEqual({ anyOf: [link, REFERENCE] });
    expect(properties["nested"]).toEqual({
      anyOf: [{ type: "array", not: link }, REFERENCE],
    });
  });

  it("elsewhere stays, and so does a schema with a name of its own", () => {
    const part = {
      $id: "https://example.com/part",
      type: "object",
      properties: { a: { $ref: "#/properties/b" }, b: { type: "number" } },
    };
    const links = {
      part,
      far: { $ref: "https://example.com/other#/properties/b" },
      anchor: { $ref: "#other" },
      odd: { $ref: 4 },
    };
    const properties = { b: { type: "number" }, ...links };
    const schema = { type: "object", properties };
    const or = (original: object) => ({ anyOf: [original, REFERENCE] });
    expect(widenSchema(deepFreeze(schema))).toEqual({
      type: "object",
      properties: {
        b: or(properties.b),
        part: or(part),
        far: or(links.far),
        anchor: or(links.anchor),
        odd: or(links.odd),
      },
    });
  });
});
