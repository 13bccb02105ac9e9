/** A field of an object's own; `undefined` for all else. */
export function ownField(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** A field that has to be a text to count. */
export function ownText(value: unknown, name: string): string | undefined {
  const field = ownField(value, name);
  return typeof field === "string" ? field : undefined;
}

/** A field that has to be a list to count. */
export function ownList(
  value: unknown,
  name: string,
): readonly unknown[] | undefined {
  const field = ownField(value, name);
  return Array.isArray(field) ? field : undefined;
}
