const SPACE = /[ \t\n\r]*/y;
/** A number, `true`, `false` or `null`. */
const SCALAR = /[\w.+-]*/y;
/** What stands between the texts and brackets of an object or array. */
const BETWEEN = /[^"{}[\]]*/y;

/**
 * The part of a JSON text that stands for the value at `path`, as it is written
 * there: `1.10` and not 1.1. Of fields that have one name the last counts, as for
 * `JSON.parse`.
 *
 * @param json valid JSON
 * @param path leads to a value of it
 */
export function jsonSource(
  json: string,
  path: readonly (string | number)[],
): string {
  let from = skipSpace(json, 0);
  for (const step of path) from = findPart(json, from, step);
  return json.slice(from, skipValue(json, from));
}

/** Where the part begins of the object or array that begins at `from`. */
function findPart(json: string, from: number, step: string | number): number {
  const isArray = json[from] === "[";
  let found = from;
  let at = skipSpace(json, from + 1);
  for (let index = 0; json[at] !== "]" && json[at] !== "}"; index += 1) {
    let key: unknown = index;
    if (!isArray) {
      const end = skipValue(json, at);
      key = JSON.parse(json.slice(at, end));
      at = skipSpace(json, skipSpace(json, end) + 1);
    }
    if (key === step) found = at;
    if (key === step && isArray) break;
    at = skipSpace(json, skipValue(json, at));
    if (json[at] === ",") at = skipSpace(json, at + 1);
  }
  return found;
}

function skipValue(json: string, from: number): number {
  let depth = 0;
  let at = from;
  do {
    const char = json[at];
    if (char === '"') at = skipText(json, at);
    else if (char === "{" || char === "[") {
      depth += 1;
      at += 1;
    } else if (char === "}" || char === "]") {
      depth -= 1;
      at += 1;
    } else at = skipAll(depth > 0 ? BETWEEN : SCALAR, json, at);
  } while (depth > 0 && at < json.length);
  return at;
}

function skipText(json: string, from: number): number {
  let at = from + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

function skipSpace(json: string, from: number): number {
  return skipAll(SPACE, json, from);
}

/** @param pattern sticky; it may match nothing */
function skipAll(pattern: RegExp, json: string, from: number): number {
  pattern.lastIndex = from;
  pattern.test(json);
  return Math.max(pattern.lastIndex, from);
}
