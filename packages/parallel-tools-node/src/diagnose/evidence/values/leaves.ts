/** A scalar value within arguments or data. */
export interface Leaf {
  /** Where it stands, e.g. `flights[0].date`; empty if it is all there is. */
  readonly path: string;
  /** The name of the nearest field around it; empty for none. */
  readonly key: string;
  readonly value: string | number | boolean | null;
}

const MAX_LEAVES = 5_000;
const MAX_DEPTH = 64;
/** Three digits: `num1` and `address2` are ordinary names. */
const ID = /\d.*\d.*\d/;
const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/**
 * The leaves of data, in order. A field's name that looks like an id (it holds
 * three digits) counts as a leaf, too, because data is often keyed by ids.
 */
export function leavesOf(data: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  walk(data, "", "", 0, leaves);
  return leaves;
}

function walk(
  value: unknown,
  path: string,
  key: string,
  depth: number,
  leaves: Leaf[],
): void {
  if (leaves.length >= MAX_LEAVES || depth > MAX_DEPTH) return;
  if (isScalar(value)) {
    leaves.push({ path, key, value });
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      walk(item, `${path}[${index}]`, key, depth + 1, leaves);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [name, field] of Object.entries(value)) {
      const inner = NAME.test(name)
        ? `${path}${path === "" ? "" : "."}${name}`
        : `${path}[${JSON.stringify(name)}]`;
      const isId = ID.test(name);
      if (isId) leaves.push({ path: inner, key, value: name });
      walk(field, inner, isId ? key : name, depth + 1, leaves);
    }
  }
}

function isScalar(value: unknown): value is Leaf["value"] {
  return (
    value === null ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value))
  );
}
