/** A JSON schema that is an object, of whatever draft. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What a sub-schema says of the value that the outer schema is about.
 *
 * - `part`: it describes a part of the value, for which a reference may stand.
 * - `same`: it describes the value itself, or is a definition.
 * - `condition`: it only asks what the value looks like.
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

/** They hold sub-schemas by name; the others hold one or a list. */
const MAPS = new Set([
  "properties",
  "patternProperties",
  "dependentSchemas",
  "dependencies",
  "$defs",
  "definitions",
]);

/** The role of the sub-schemas under a keyword; `undefined`: it holds none. */
export function roleOf(keyword: string): SchemaRole | undefined {
  return ROLES.get(keyword);
}

export function isSchemaObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A copy of what stands under a keyword with roles, each sub-schema replaced by
 * what `visit` makes of it.
 *
 * @param visit is given a sub-schema and its JSON pointer below the keyword,
 *   `""` for the only one. It may meet other values, such as the lists of names
 *   in `dependencies`.
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
