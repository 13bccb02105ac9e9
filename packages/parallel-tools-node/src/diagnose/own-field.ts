/** An own field of an object; `undefined` for any other value or field. */
export function ownField(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** An own field if it is a text. */
export function ownText(value: unknown, name: string): string | undefined {
  const field = ownField(value, name);
  return typeof field === "string" ? field : undefined;
}

/** An own field if it is a list. */
export function ownList(
  value: unknown,
  name: string,
): readonly unknown[] | undefined {
  const field = ownField(value, name);
  return Array.isArray(field) ? field : undefined;
}
