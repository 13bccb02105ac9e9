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

/** As `readField`, for one reading of an error. */
export type ReadOnce = (source: unknown, key: PropertyKey) => unknown;

/**
 * A `readField` that asks no object twice for a field: an accessor may do work, or
 * answer otherwise the next time.
 */
export function readOnce(): ReadOnce {
  const known = new Map<object, Map<PropertyKey, unknown>>();
  return (source, key) => {
    if (typeof source !== "object" || source === null) return undefined;
    let fields = known.get(source);
    if (fields === undefined) known.set(source, (fields = new Map()));
    if (!fields.has(key)) fields.set(key, readField(source, key));
    return fields.get(key);
  };
}
