/**
 * A text that two calls share exactly when they have the same tool, equal
 * arguments (whatever the order of keys) and the same dependencies. The last
 * part keeps a read before a write apart from the same read after it.
 * `undefined` for arguments that have no such text: what JSON can't hold,
 * cycles, nesting deeper than the stack.
 */
export function identityOf(
  name: string,
  args: unknown,
  dependsOn: readonly { readonly index: number }[],
): string | undefined {
  try {
    return JSON.stringify([
      name,
      sortKeys(args),
      dependsOn.map(({ index }) => index).sort((a, b) => a - b),
    ]);
  } catch {
    return undefined;
  }
}

function sortKeys(value: unknown): unknown {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "boolean" || Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || !isPlain(value)) {
    throw new TypeError("not JSON");
  }
  // Pairs and not an object: a key such as "__proto__" has to stay a key.
  return {
    fields: Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sortKeys(field)]),
  };
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
