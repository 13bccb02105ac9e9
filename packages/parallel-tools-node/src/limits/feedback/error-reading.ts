import { attempt, readField } from "./attempt.js";

/** As `readField`, but asks no object twice for a field. */
export type ReadOnce = (source: unknown, key: PropertyKey) => unknown;

/** Reads one error, whatever it is made of, within bounds. */
export interface ErrorReading {
  /** The errors that have been read. */
  readonly seen: Set<unknown>;
  readonly read: ReadOnce;
  /** What a text in JSON holds; `undefined` for others, and for too much of them. */
  readonly parse: (text: string) => unknown;
}

/** Characters of JSON that are read of one error and all that is in it. */
const MAX_JSON = 100_000;

export function beginReading(): ErrorReading {
  let charactersLeft = MAX_JSON;
  return {
    seen: new Set(),
    read: readOnce(),
    parse: (text) => {
      if (text.length > charactersLeft) return undefined;
      if (!/^\s{0,9}[{[]/.test(text)) return undefined;
      charactersLeft -= text.length;
      return attempt(() => JSON.parse(text) as unknown);
    },
  };
}

/** An accessor may do work, or answer otherwise the next time. */
function readOnce(): ReadOnce {
  const known = new Map<object, Map<PropertyKey, unknown>>();
  return (source, key) => {
    if (typeof source !== "object" || source === null) return undefined;
    const fields = known.get(source) ?? new Map<PropertyKey, unknown>();
    known.set(source, fields);
    if (!fields.has(key)) fields.set(key, readField(source, key));
    return fields.get(key);
  };
}
