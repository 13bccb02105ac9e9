import type { Place } from "./find-references.js";

/** The types of JSON, as JSON schema names them; `number` stands for `integer`, too. */
export type JsonType =
  | "string"
  | "number"
  | "boolean"
  | "null"
  | "object"
  | "array";

const ALL_TYPES: ReadonlySet<JsonType> = new Set([
  "string",
  "number",
  "boolean",
  "null",
  "object",
  "array",
]);

const NO_TYPES: ReadonlySet<JsonType> = new Set();

/** Deeper choices within choices are not read. */
const MAX_DEPTH = 100;

type Schema = Readonly<Record<string, unknown>>;

/** The types that a tool's parameters take, by its JSON schema of any draft. */
export class ParameterTypes {
  readonly #root: unknown;
  /** By place. Kept, so that places at every depth take linear time. */
  readonly #schemas = new Map<Place, unknown>();
  readonly #types = new Map<unknown, ReadonlySet<JsonType>>();

  /** @param root the schema of a call's arguments; `undefined`: it isn't known */
  constructor(root: unknown) {
    this.#root = root;
  }

  /** What a parameter of which the schema says nothing takes: everything. */
  at(place: Place): ReadonlySet<JsonType> {
    const types = this.#typesOf(this.#schemaAt(place), 0);
    return types.size === 0 ? ALL_TYPES : types;
  }

  #schemaAt(place: Place): unknown {
    const way: Place[] = [];
    let at: Place | undefined = place;
    while (at !== undefined && !this.#schemas.has(at)) {
      way.push(at);
      at = at.parent;
    }
    let schema = at && this.#schemas.get(at);
    for (const next of way.reverse()) {
      const { parent, key } = next;
      schema =
        parent === undefined
          ? this.#root
          : this.#partOf(schema, key, parent.value, 0);
      this.#schemas.set(next, schema);
    }
    return schema;
  }

  /**
   * The schema of a part of the value that a schema is for; `undefined`: the schema
   * says nothing of it.
   *
   * @param around the value that the part is in
   */
  #partOf(
    schema: unknown,
    key: string | number,
    around: unknown,
    depth: number,
  ): unknown {
    if (!isSchema(schema) || depth > MAX_DEPTH) return undefined;
    const inOther = (other: unknown) =>
      this.#partOf(other, key, around, depth + 1);
    const parts: unknown[] = [ownPartOf(schema, key)];
    for (const choice of [schema["anyOf"], schema["oneOf"]]) {
      if (!Array.isArray(choice)) continue;
      const anyOf = choice
        .filter((one) => this.#mayBe(one, around))
        .map(inOther)
        .filter((part) => part !== undefined);
      if (anyOf.length > 0) parts.push({ anyOf });
    }
    if (Array.isArray(schema["allOf"])) {
      parts.push(...schema["allOf"].map(inOther));
    }
    if ("$ref" in schema) parts.push(inOther(this.#follow(schema["$ref"])));
    const allOf = parts.filter((part) => part !== undefined);
    return allOf.length > 1 ? { allOf } : allOf[0];
  }

  /** Whether a value may be meant by a branch, by the constants that it names. */
  #mayBe(branch: unknown, value: unknown): boolean {
    const schema =
      isSchema(branch) && "$ref" in branch
        ? this.#follow(branch["$ref"])
        : branch;
    if (!isSchema(schema) || !isSchema(schema["properties"])) return true;
    return Object.entries(schema["properties"]).every(([name, property]) => {
      if (!isSchema(property) || !isSchema(value)) return true;
      if (!Object.hasOwn(value, name)) return true;
      const { const: constant, enum: constants = [constant] } = property;
      if (!("const" in property || "enum" in property)) return true;
      return Array.isArray(constants) && constants.includes(value[name]);
    });
  }

  #typesOf(schema: unknown, depth: number): ReadonlySet<JsonType> {
    if (schema === false) return NO_TYPES;
    if (!isSchema(schema) || depth > MAX_DEPTH) return ALL_TYPES;
    const known = this.#types.get(schema);
    if (known !== undefined) return known;
    // For a schema that refers to itself.
    this.#types.set(schema, ALL_TYPES);
    const types = this.#readTypes(schema, depth + 1);
    this.#types.set(schema, types);
    return types;
  }

  /** What all keywords of a schema allow. */
  #readTypes(schema: Schema, depth: number): ReadonlySet<JsonType> {
    const { type, enum: values, const: value, anyOf, oneOf, allOf } = schema;
    const either = (schemas: unknown[]) =>
      schemas.flatMap((one) => [...this.#typesOf(one, depth)]);
    const allowed: JsonType[][] = [];
    if (type !== undefined) allowed.push([type].flat().map(jsonTypeNamed));
    if (Array.isArray(values)) allowed.push(values.map(jsonTypeOf));
    if (Object.hasOwn(schema, "const")) allowed.push([jsonTypeOf(value)]);
    if (Array.isArray(anyOf)) allowed.push(either(anyOf));
    if (Array.isArray(oneOf)) allowed.push(either(oneOf));
    if (Array.isArray(allOf)) {
      allowed.push(...allOf.map((one) => either([one])));
    }
    if ("$ref" in schema) allowed.push(either([this.#follow(schema["$ref"])]));
    let types = ALL_TYPES;
    for (const some of allowed) {
      types = new Set(some.filter((one) => types.has(one)));
    }
    return types;
  }

  /** The schema that a JSON pointer in a URI fragment leads to (RFC 6901). */
  #follow(ref: unknown): unknown {
    if (typeof ref !== "string" || !/^#(\/|$)/.test(ref)) return undefined;
    let at = this.#root;
    for (const token of ref.split("/").slice(1)) {
      const key = unescapeToken(token);
      if (typeof at !== "object" || at === null) return undefined;
      if (!Object.hasOwn(at, key)) return undefined;
      at = (at as Schema)[key];
    }
    return at;
  }
}

/** What a schema says of a part by its own keywords; `undefined`: nothing. */
function ownPartOf(schema: Schema, key: string | number): unknown {
  if (typeof key === "number") {
    const { items, prefixItems, additionalItems } = schema;
    const first = Array.isArray(prefixItems) ? prefixItems : items;
    if (!Array.isArray(first)) return items;
    if (key < first.length) return first[key] as unknown;
    return first === items ? additionalItems : items;
  }
  const { properties, patternProperties, additionalProperties } = schema;
  if (isSchema(properties) && Object.hasOwn(properties, key)) {
    return properties[key];
  }
  // Patterns are code of the tool's server, so they are not run.
  return isSchema(patternProperties)
    ? { anyOf: [...Object.values(patternProperties), additionalProperties] }
    : additionalProperties;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function jsonTypeOf(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as JsonType;
}

function jsonTypeNamed(name: unknown): JsonType {
  return (name === "integer" ? "number" : name) as JsonType;
}

function unescapeToken(token: string): string {
  try {
    return decodeURIComponent(token)
      .replaceAll("~1", "/")
      .replaceAll("~0", "~");
  } catch {
    return token;
  }
}
