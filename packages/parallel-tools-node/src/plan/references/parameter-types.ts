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

/** Deeper choices within choices are not read. */
const MAX_DEPTH = 100;

type Schema = Readonly<Record<string, unknown>>;

/** The types that a tool's parameters take, by its JSON schema of any draft. */
export class ParameterTypes {
  readonly #root: unknown;
  /**
   * By place, the schemas of which a value there has to meet one. Kept, so that
   * places at every depth of a deep nesting take linear time.
   */
  readonly #schemas = new Map<Place, readonly unknown[]>();
  readonly #types = new Map<unknown, ReadonlySet<JsonType>>();

  /** @param root the schema of a call's arguments; `undefined`: it isn't known */
  constructor(root: unknown) {
    this.#root = root;
  }

  /** What a parameter of which the schema says nothing takes: everything. */
  at(place: Place): ReadonlySet<JsonType> {
    const types = new Set<JsonType>();
    for (const schema of this.#schemasAt(place)) {
      for (const type of this.#typesOf(schema, 0)) types.add(type);
    }
    return types.size === 0 ? ALL_TYPES : types;
  }

  #schemasAt(place: Place): readonly unknown[] {
    const way: Place[] = [];
    let at: Place | undefined = place;
    while (at !== undefined && !this.#schemas.has(at)) {
      way.push(at);
      at = at.parent;
    }
    let schemas: readonly unknown[] = (at && this.#schemas.get(at)) ?? [];
    for (const next of way.reverse()) {
      schemas =
        next.parent === undefined
          ? [this.#root]
          : this.#partsOf(schemas, next.key);
      this.#schemas.set(next, schemas);
    }
    return schemas;
  }

  /** The schemas of a part of the value that `schemas` are for. */
  #partsOf(schemas: readonly unknown[], key: string | number): unknown[] {
    const parts = new Set<unknown>();
    const seen = new Set<unknown>();
    const pending = [...schemas];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (!isSchema(next) || seen.has(next)) continue;
      seen.add(next);
      const part = partOf(next, key);
      if (part !== undefined) parts.add(part);
      for (const keyword of ["anyOf", "oneOf", "allOf"]) {
        if (Array.isArray(next[keyword])) pending.push(...next[keyword]);
      }
      if ("$ref" in next) pending.push(this.#follow(next["$ref"]));
    }
    return [...parts];
  }

  #typesOf(schema: unknown, depth: number): ReadonlySet<JsonType> {
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

/** `undefined`: the schema itself says nothing of that part. */
function partOf(schema: Schema, key: string | number): unknown {
  if (typeof key === "number") {
    const { items, prefixItems, additionalItems } = schema;
    const first = Array.isArray(prefixItems) ? prefixItems : items;
    if (!Array.isArray(first)) return items;
    if (key < first.length) return first[key] as unknown;
    return first === items ? additionalItems : items;
  }
  const { properties, additionalProperties } = schema;
  return isSchema(properties) && Object.hasOwn(properties, key)
    ? properties[key]
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
