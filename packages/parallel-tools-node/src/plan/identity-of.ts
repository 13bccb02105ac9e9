/**
 * A text that two calls share if and only if they have the same tool and equal
 * arguments (in any order of keys). `undefined` if the arguments have no such
 * text: they hold what JSON can't, a cycle, or a nesting deeper than the stack.
 */
export function identityOf(name: string, args: unknown): string | undefined {
  try {
    return JSON.stringify([name, sortKeys(args)]);
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
  // Pairs, not an object: "__proto__" has to stay an ordinary key.
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
