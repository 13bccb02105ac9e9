/** What `read` returns; `undefined` when it throws, as code of others may. */
export function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** A field of any value, read once. A field whose getter throws is absent. */
export function readField(source: unknown, key: PropertyKey): unknown {
  if (typeof source !== "object" || source === null) return undefined;
  return attempt(() => (source as Record<PropertyKey, unknown>)[key]);
}
