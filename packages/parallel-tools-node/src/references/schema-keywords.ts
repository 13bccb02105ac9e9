/** A JSON schema that is an object, of any draft. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * How a sub-schema relates to the value that the outer schema describes.
 *
 * - `part`: it describes a part of the value, which a reference may replace.
 * - `same`: it describes the value itself, or is a definition.
 * - `condition`: it only tests the value.
 */
export type SchemaRole = "part" | "same" | "condition";

const ROLES: ReadonlyMap<string, SchemaRole> = new Map([
  ["properties", "part"],
  ["patternProperties", "part"],
  ["additionalProperties", "part"],
  ["unevaluatedProperties", "part"],
  ["items", "part"],
  ["prefixItems", "part"],
  ["additionalItems", "part"],
  ["unevaluatedItems", "part"],
  ["anyOf", "same"],
  ["oneOf", "same"],
  ["allOf", "same"],
  ["then", "same"],
  ["else", "same"],
  ["dependentSchemas", "same"],
  ["dependencies", "same"],
  ["$defs", "same"],
  ["definitions", "same"],
  ["not", "condition"],
  ["if", "condition"],
  ["contains", "condition"],
  ["propertyNames", "condition"],
]);

/** Keywords that hold sub-schemas by name; the others hold one or a list. */
const MAPS = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "dependencies",
  "$defs",
  "definitions",
]);

/** The role of the sub-schemas under a keyword; `undefined` if it holds none. */
export function roleOf(keyword: string): SchemaRole | undefined {
  return ROLES.get(keyword);
}

export function isSchemaObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A copy of the value of a keyword that holds sub-schemas, with each replaced by
 * the result of `visit`.
 *
 * @param visit is given a sub-schema and its JSON pointer below the keyword,
 *   `""` if it is the only one. It is given other values, too, such as the lists
 *   of names in `dependencies`
 */
export function mapSubschemas(
  keyword: string,
  value: unknown,
  visit: (schema: unknown, pointer: string) => unknown,
): unknown {
  if (Array.isArray(value)) {
    return value.map((schema, index) => visit(schema, `/${index}`));
  }
  if (!MAPS.has(keyword)) return visit(value, "");
  if (!isSchemaObject(value)) return value;
  // From entries and not by assignment: "__proto__" is a name like any other.
  return Object.fromEntries(
    Object.entries(value).map(([name, schema]) => [
      name,
      visit(schema, `/${escapeToken(name)}`),
    ]),
  );
}

/** RFC 6901, section 3. */
function escapeToken(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
}
