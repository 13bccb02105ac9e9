import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import type { JsonSchema } from "@/references/schema-keywords.js";
import { widenSchema } from "@/references/widen-schema.js";
import {
  arbitraryParameters,
  pathsIn,
  replaceAt,
} from "../support/arbitrary-schema.js";
import { checkStrictSchema } from "../support/check-strict-schema.js";
import { deepFreeze } from "../support/deep-freeze.js";
import { REFERENCE } from "../support/reference-schema.js";
import { isValid, validatorOf } from "../support/validate-schema.js";

/** Parameters with one parameter `x`. */
const params = (x: unknown, more: object = {}) => ({
  type: "object",
  properties: { x },
  required: ["x"],
  additionalProperties: false,
  ...more,
});

describe("any arguments", () => {
  const REFERENCES = ["$1.a[0]", "$12", "${1.a[0].b}", "$1.output"];
  const scalar = fc.oneof(
    fc.integer({ min: -20, max: 20 }),
    fc.constantFrom("", "a", "$", "$0", "$a", "2026-01-31", null, true, 0.3),
    fc.constantFrom([], {}, [1], { kind: "a" }, { a: 1 }),
  );

  test.prop([arbitraryParameters, fc.constantFrom(...REFERENCES)])(
    "that were valid are valid, also with a reference for any part",
    ({ schema, value }, reference) => {
      const frozen = deepFreeze(schema) as JsonSchema;
      const result = widenSchema(frozen);
      const validator = validatorOf(result, "2020-12");

      expect(isValid(schema, value)).toBe(true);
      expect(validator.validate(value).errors).toEqual([]);
      for (const path of pathsIn(value)) {
        const replaced = replaceAt(value, path, reference);
        expect(validator.validate(replaced).errors).toEqual([]);
      }
    },
  );

  test.prop([arbitraryParameters, fc.nat(), scalar])(
    "without references are valid if they were, and else not",
    ({ schema, value }, at, part) => {
      const paths = pathsIn(value);
      const changed = replaceAt(value, paths[at % paths.length] ?? [], part);
      expect(isValid(widenSchema(schema), changed)).toBe(
        isValid(schema, changed),
      );
    },
  );

  it("of a tuple as draft 7 writes it may hold references", () => {
    const schema = params({
      type: "array",
      items: [{ type: "number" }, { type: "boolean" }],
      additionalItems: { type: "null" },
    });
    const result = widenSchema(schema);
    const valid = [[1, true, null], "$1", ["$1", "$2.a", "$3[0]"]];
    for (const x of valid) expect(isValid(result, { x }, "7")).toBe(true);
    for (const x of [["1"], [1, 1], [1, true, 1], "1"]) {
      expect(isValid(result, { x }, "7")).toBe(false);
    }
  });
});

describe("a strict schema", () => {
  const object = (properties: Record<string, unknown>) => ({
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  });
  const number = { type: "number" };

  it.each([
    object({}),
    object({ a: number, b: { type: "string" }, c: { type: "boolean" } }),
    object({ a: { type: ["number", "null"] }, b: { enum: ["x", "y"] } }),
    object({ a: { type: "array", items: object({ b: number }), minItems: 1 } }),
    object({ a: { anyOf: [object({ b: number }), { type: "null" }] } }),
    object({ a: { type: "array", items: { $ref: "#" } } }),
    {
      ...object({ a: { $ref: "#/$defs/node" } }),
      $defs: {
        node: object({
          value: { type: "integer", minimum: 1, maximum: 9 },
          next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
        }),
      },
    },
    object({
      a: { type: "string", format: "date-time", description: "When." },
    }),
  ])("stays within OpenAI's rules: %j", (schema) => {
    expect(checkStrictSchema(schema)).toEqual([]);
    expect(checkStrictSchema(widenSchema(schema))).toEqual([]);
  });

  /** Objects in objects, `levels` below the root, a number in the last. */
  function nest(levels: number): { type: string } {
    return levels === 0 ? number : object({ in: nest(levels - 1), n: number });
  }

  it("stays within ten levels, the ends of a deep nesting first", () => {
    for (let levels = 1; levels <= 12; levels += 1) {
      const result = widenSchema(nest(levels));
      expect(checkStrictSchema(result)).toEqual(
        checkStrictSchema(nest(levels)),
      );
      expect(placesIn(result)).toEqual(
        [0, 2, 4, 6, 8, 10, 10, 10, 10, 10, 9, 9, 9][levels],
      );
    }
  });

  /** References written out in a schema. */
  function placesIn(schema: object): number {
    return JSON.stringify(schema).split(JSON.stringify(REFERENCE)).length - 1;
  }
});

describe("what a server may send", () => {
  it("is left alone if it is nested too deep", () => {
    let schema: object = { type: "number" };
    for (let level = 0; level < 5_000; level += 1) {
      schema = { type: "object", properties: { in: schema } };
    }
    const root = schema as JsonSchema;
    expect(widenSchema(root)).toBe(root);
  });

  it("is left alone if it is cyclic, or far too large", () => {
    const cyclic = params({});
    Object.assign(cyclic.properties, { a: cyclic, b: cyclic, c: cyclic });
    expect(widenSchema(cyclic)).toBe(cyclic);

    let shared: object = { type: "number" };
    for (let level = 0; level < 30; level += 1) {
      shared = { type: "object", properties: { a: shared, b: shared } };
    }
    const root = shared as JsonSchema;
    expect(widenSchema(root)).toBe(root);
  });

  it("may be large", () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `p${index}`);
    const schema = params(
      {},
      {
        properties: Object.fromEntries(
          names.map((name) => [name, { type: "number" }]),
        ),
      },
    );
    const result = widenSchema(schema) as typeof schema;
    expect(result.properties).toHaveProperty("p19999.anyOf.1", REFERENCE);
  });

  it("never throws, and is never changed", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom("type", "items", "anyOf", "properties", "$ref", "a"),
          fc.jsonValue({ maxDepth: 4 }),
        ),
        (schema) => {
          widenSchema(deepFreeze(schema));
        },
      ),
    );
  });
});
