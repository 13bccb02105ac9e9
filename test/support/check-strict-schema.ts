import { isSchemaObject } from "@/references/schema-keywords.js";

type Schema = Readonly<Record<string, unknown>>;

const STRING = ["pattern", "format"];
const NUMBER = [
  "multipleOf",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
];
const ALLOWED = new Set(
  [
    ["type", "enum", "const", "anyOf", "$ref", "$defs", "$schema"],
    ["title", "description"],
    ["properties", "required", "additionalProperties"],
    ["items", "minItems", "maxItems"],
    STRING,
    NUMBER,
  ].flat(),
);

/** The documented limits, see {@link checkStrictSchema}. */
const MAX_LEVELS = 10;
const MAX_PROPERTIES = 5_000;
const MAX_ENUM_VALUES = 1_000;
const MAX_NAMES_LENGTH = 120_000;
const LONG_ENUM = 250;
const MAX_LONG_ENUM_LENGTH = 15_000;

/**
 * What OpenAI would refuse in the parameters of a strict function, by the rules
 * of https://developers.openai.com/api/docs/guides/structured-outputs
 * ("Supported schemas", read in 2026): the root is an object and no `anyOf`;
 * every object is closed and requires all of its properties; only the listed
 * keywords; up to 10 levels of nesting, 5,000 properties, 1,000 enum values,
 * 120,000 characters of names and values, and 15,000 in an enum of more than
 * 250 strings; branches of `anyOf` follow the same rules; definitions and
 * recursion are supported.
 *
 * Where the guide says nothing, the strictest reading: each sub-schema is a
 * level, as in openai-java's JsonSchemaValidator.kt, and nothing may stand
 * beside `$ref`, which the server answers with "$ref cannot have keywords".
 */
export function checkStrictSchema(root: Schema): string[] {
  const problems: string[] = [];
  const counts = { properties: 0, enumValues: 0, namesLength: 0 };

  function check(schema: unknown, path: string, level: number): void {
    const fail = (problem: string) => problems.push(`${path}: ${problem}`);
    if (level > MAX_LEVELS) fail(`${level} levels`);
    if (!isSchemaObject(schema)) return void fail("no schema");
    for (const keyword of Object.keys(schema)) {
      if (!ALLOWED.has(keyword)) fail(`${keyword} is not permitted`);
    }
    const { type, $ref, $defs, anyOf, items, properties } = schema;
    if ($ref !== undefined) {
      if (Object.keys(schema).length > 1) fail("$ref cannot have keywords");
      if (!leadsSomewhere(root, String($ref))) fail(`no ${String($ref)}`);
      return;
    }
    if (type === undefined && anyOf === undefined && !("const" in schema)) {
      if (!("enum" in schema)) fail("says nothing");
    }
    countValues(schema, fail);
    if ([type].flat().includes("object")) checkObject(schema, fail);
    for (const [name, inner] of entriesOf(properties)) {
      counts.properties += 1;
      counts.namesLength += name.length;
      check(inner, `${path}/properties/${name}`, level + 1);
    }
    for (const [name, inner] of entriesOf($defs)) {
      counts.namesLength += name.length;
      check(inner, `${path}/$defs/${name}`, level + 1);
    }
    if (items !== undefined) check(items, `${path}/items`, level + 1);
    if (anyOf === undefined) return;
    if (!Array.isArray(anyOf) || anyOf.length === 0) return void fail("anyOf");
    for (const [index, inner] of anyOf.entries()) {
      check(inner, `${path}/anyOf/${index}`, level + 1);
    }
  }

  function countValues(schema: Schema, fail: (problem: string) => void): void {
    const values = [schema["enum"] ?? [], schema["const"] ?? []].flat();
    counts.enumValues += values.length;
    const length = values.join("").length;
    counts.namesLength += length;
    if (values.length > LONG_ENUM && length > MAX_LONG_ENUM_LENGTH) {
      fail("enum is too long");
    }
  }

  if (root["type"] !== "object") problems.push("#: root is no object");
  if ("anyOf" in root) problems.push("#: anyOf at the root");
  check(root, "#", 0);
  if (counts.properties > MAX_PROPERTIES) problems.push("#: properties");
  if (counts.enumValues > MAX_ENUM_VALUES) problems.push("#: enum values");
  if (counts.namesLength > MAX_NAMES_LENGTH) problems.push("#: names");
  return problems;
}

function checkObject(schema: Schema, fail: (problem: string) => void): void {
  if (schema["additionalProperties"] !== false) {
    fail("additionalProperties has to be false");
  }
  const required = [schema["required"]].flat();
  for (const [name] of entriesOf(schema["properties"])) {
    if (!required.includes(name)) fail(`${name} has to be required`);
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  return isSchemaObject(value) ? Object.entries(value) : [];
}

function leadsSomewhere(root: Schema, ref: string): boolean {
  const [start, ...tokens] = decodeURIComponent(ref).split("/");
  let at: unknown = root;
  for (const token of tokens) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null) return false;
    at = (at as Schema)[name];
  }
  return start === "#" && at !== undefined;
}
