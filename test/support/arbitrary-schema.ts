import fc from "fast-check";

/** A schema and a value that is valid under it. */
export interface SchemaAndValue {
  readonly schema: object | boolean;
  readonly value: unknown;
}

type Pair = fc.Arbitrary<SchemaAndValue>;

const pair = (schema: object | boolean, value: unknown): SchemaAndValue => ({
  schema,
  value,
});

/** Short, and no reference. */
const word = fc.stringMatching(/^[a-z]{1,6}$/);

const scalar: Pair = fc.oneof(
  fc
    .integer({ min: -9, max: 9 })
    .map((value) => pair({ type: "integer", minimum: -9, maximum: 9 }, value)),
  fc
    .integer({ min: 0, max: 9 })
    .map((value) => pair({ type: "number", multipleOf: 0.5 }, value / 2)),
  fc.boolean().map((value) => pair({ type: "boolean" }, value)),
  fc.boolean().map((value) => pair({ type: "boolean", const: value }, value)),
  fc.constant(pair({ type: "null" }, null)),
  word.map((value) => pair({ type: "string" }, value)),
  word.map((value) => pair({ type: "string", minLength: 1 }, value)),
  word.map((value) => pair({ type: "string", maxLength: 6 }, value)),
  word.map((value) => pair({ type: "string", pattern: "^[a-z]+$" }, value)),
  word.map((value) => pair({ type: "string", const: value }, value)),
  word.map((value) => pair({ enum: [value, 1, null] }, value)),
  fc.constant(pair({ type: "string", format: "date" }, "2026-01-31")),
  fc
    .option(fc.integer(), { nil: null })
    .map((value) => pair({ type: ["integer", "null"] }, value)),
  fc
    .oneof(word, fc.integer())
    .map((value) => pair({ type: ["string", "integer"] }, value)),
  fc
    .integer({ min: 0, max: 9 })
    .map((value) => pair({ type: "integer", not: { const: 10 } }, value)),
  word.map((value) => pair({}, value)),
  fc.integer().map((value) => pair(true, value)),
);

/** Definitions that the schemas below may refer to. */
const DEFINITIONS = {
  even: { schema: { type: "integer", multipleOf: 2 }, value: 4 },
  "a/b": {
    schema: {
      type: "object",
      properties: { n: { type: "number" }, next: { $ref: "#/$defs/a~1b" } },
      required: ["n"],
    },
    value: { n: 1, next: { n: 2 } },
  },
};

/** How schemas are made of others. */
function combine(inner: Pair): Pair {
  return fc.oneof(
    scalar,
    fc.constantFrom(
      pair({ $ref: "#/$defs/even" }, DEFINITIONS.even.value),
      pair({ $ref: "#/$defs/a~1b" }, DEFINITIONS["a/b"].value),
    ),
    fc
      .tuple(inner, fc.integer({ min: 0, max: 2 }))
      .map(([{ schema, value }, count]) =>
        pair(
          { type: "array", items: schema, maxItems: 2 },
          Array.from({ length: count }, () => value),
        ),
      ),
    fc.tuple(inner, inner).map(([a, b]) =>
      pair(
        {
          type: "array",
          prefixItems: [a.schema, b.schema],
          items: false,
          minItems: 2,
        },
        [a.value, b.value],
      ),
    ),
    fc
      .tuple(inner, fc.uniqueArray(word, { maxLength: 2 }))
      .map(([{ schema, value }, names]) =>
        pair(
          { type: "object", additionalProperties: schema },
          Object.fromEntries(names.map((name) => [name, value])),
        ),
      ),
    objectOf(inner),
    fc
      .tuple(inner, inner, fc.boolean())
      .map(([a, b, first]) =>
        pair({ anyOf: [a.schema, b.schema] }, (first ? a : b).value),
      ),
    fc.tuple(inner, inner, fc.boolean()).map(([a, b, first]) =>
      pair(
        {
          oneOf: [variant("a", a.schema), variant("b", b.schema)],
          description: "One of two.",
        },
        first ? { kind: "a", of: a.value } : { kind: "b", of: b.value },
      ),
    ),
    fc.tuple(inner, inner).map(([a, b]) =>
      pair(
        {
          allOf: [
            { type: "object", properties: { a: a.schema }, required: ["a"] },
            { type: "object", properties: { b: b.schema }, required: ["b"] },
          ],
        },
        { a: a.value, b: b.value },
      ),
    ),
  );
}

function variant(kind: string, of: unknown) {
  return {
    type: "object",
    properties: { kind: { const: kind }, of },
    required: ["kind", "of"],
    additionalProperties: false,
  };
}

function objectOf(inner: Pair): Pair {
  const name = fc.oneof(word, fc.constantFrom("a/b", "~", "$ref", "items"));
  return fc
    .uniqueArray(fc.tuple(name, inner, fc.boolean()), {
      maxLength: 3,
      selector: ([key]) => key,
    })
    .map((properties) =>
      pair(
        {
          type: "object",
          properties: Object.fromEntries(
            properties.map(([key, { schema }]) => [key, schema]),
          ),
          required: properties.filter(([, , is]) => is).map(([key]) => key),
          additionalProperties: false,
        },
        Object.fromEntries(properties.map(([key, { value }]) => [key, value])),
      ),
    );
}

/** Parameters of a tool and arguments that are valid; no value is a reference. */
export const arbitraryParameters = objectOf(combine(combine(scalar))).map(
  ({ schema, value }) => ({
    schema: {
      ...(schema as Record<string, unknown>),
      $defs: Object.fromEntries(
        Object.entries(DEFINITIONS).map(([name, { schema: definition }]) => [
          name,
          definition,
        ]),
      ),
    },
    value,
  }),
);

/** Where the parts of a value are, the value itself left out. */
export function pathsIn(value: unknown): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => [
    [key],
    ...pathsIn(inner).map((path) => [key, ...path]),
  ]);
}

/** A copy of `value` with `part` at `path`. */
export function replaceAt(
  value: unknown,
  [key, ...path]: readonly (string | number)[],
  part: unknown,
): unknown {
  if (key === undefined) return part;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaceAt(copy[key], path, part);
  return copy;
}
