import {
  isSchemaObject,
  type JsonSchema,
  mapSubschemas,
  roleOf,
} from "./schema-keywords.js";

/** Far above any tool's schema: one that exceeds them is hostile or cyclic. */
const MAX_SUBSCHEMAS = 100_000;
const MAX_DEPTH = 200;

/**
 * How many levels of sub-schemas each schema has; 0 if it has no sub-schemas.
 * `$ref` is not followed.
 *
 * @returns `undefined` if the schema is too large to be walked, or cyclic
 */
export function measureHeights(
  root: JsonSchema,
): ReadonlyMap<object, number> | undefined {
  const heights = new Map<object, number>();
  let remaining = MAX_SUBSCHEMAS;
  function measure(schema: unknown, depth: number): number {
    if (!isSchemaObject(schema)) return 0;
    remaining -= 1;
    if (remaining < 0 || depth > MAX_DEPTH) return Number.POSITIVE_INFINITY;
    let height = 0;
    for (const [keyword, value] of Object.entries(schema)) {
      if (roleOf(keyword) === undefined) continue;
      mapSubschemas(keyword, value, (inner) => {
        height = Math.max(height, 1 + measure(inner, depth + 1));
      });
    }
    heights.set(schema, height);
    return height;
  }
  return Number.isFinite(measure(root, 0)) ? heights : undefined;
}
