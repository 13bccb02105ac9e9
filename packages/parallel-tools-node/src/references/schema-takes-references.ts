import { isSchemaObject, type JsonSchema } from "./schema-keywords.js";

/** `$1`, the shortest reference. */
const SHORTEST = 2;

/** Keywords by which a schema may refuse a string. `type` is not among them. */
const CONSTRAINTS = [
  "enum",
  "const",
  "pattern",
  "format",
  "maxLength",
  "allOf",
  "not",
  "if",
  "$ref",
  "$dynamicRef",
  "$recursiveRef",
];

/** Whether a schema accepts references as it is, as it accepts any string. */
export function takesReferences(schema: unknown): boolean {
  if (schema === true) return true;
  if (!isSchemaObject(schema)) return false;
  const { type, minLength, anyOf, oneOf } = schema;
  const types = Array.isArray(type) ? type : [type];
  if (type !== undefined && !types.includes("string")) return false;
  if (typeof minLength === "number" && minLength > SHORTEST) return false;
  if (CONSTRAINTS.some((keyword) => Object.hasOwn(schema, keyword))) {
    return false;
  }
  return [anyOf, oneOf].every(
    (branches) => !Array.isArray(branches) || branches.some(takesReferences),
  );
}

/** Whether a schema accepts nothing, as that of `z.never()`. */
export function takesNothing({ not }: JsonSchema): boolean {
  return not === true || (isSchemaObject(not) && Object.keys(not).length === 0);
}
