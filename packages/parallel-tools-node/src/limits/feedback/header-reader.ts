import { attempt, readField } from "./attempt.js";

/** Gives a header's value by its name in lower case; several lines as one. */
export interface HeaderReader {
  (name: string): string | undefined;
}

/** No header that is read here comes near to it. */
const MAX_LENGTH = 1_000;

/** As many as Node takes from the network by default (`maxHeadersCount`). */
const MAX_ENTRIES = 2_000;

/**
 * Reads headers in the forms that HTTP clients hand out: a plain object (names
 * in any case), a `Map`, an array of pairs, a flat array of names and values
 * (undici), or anything with a `get` (`Headers`, `AxiosHeaders`). Values may be
 * strings, numbers, bytes or arrays of them. The first source that has a header
 * gives it; whatever throws or is longer than 1,000 characters is not there.
 */
export function headerReader(sources: readonly unknown[]): HeaderReader {
  const readers = sources.map((source) => attempt(() => readerOf(source)));
  return (name) => {
    for (const reader of readers) {
      const value = reader?.(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function readerOf(source: unknown): HeaderReader | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  if (Array.isArray(source)) return indexed(entriesOfArray(source));
  // A `Map` has a `get`, too, but one that knows upper from lower case.
  if (source instanceof Map) return indexed(source);
  const get = readField(source, "get");
  if (typeof get === "function") {
    return (name) => attempt(() => textOf(get.call(source, name)));
  }
  return indexed(entriesOfObject(source));
}

function* entriesOfArray(
  source: readonly unknown[],
): Generator<[unknown, unknown]> {
  for (let at = 0; at < source.length; at += 1) {
    const entry = readField(source, at);
    if (Array.isArray(entry)) {
      yield [readField(entry, 0), readField(entry, 1)];
    } else {
      at += 1;
      yield [entry, readField(source, at)];
    }
  }
}

function* entriesOfObject(source: object): Generator<[unknown, unknown]> {
  for (const name of Object.keys(source)) yield [name, readField(source, name)];
}

function indexed(entries: Iterable<[unknown, unknown]>): HeaderReader {
  const index = new Map<string, string>();
  attempt(() => {
    let left = MAX_ENTRIES;
    for (const [name, value] of entries) {
      attempt(() => addTo(index, textOf(name), textOf(value)));
      left -= 1;
      if (left === 0) break;
    }
  });
  return (name) => bounded(index.get(name));
}

function addTo(
  index: Map<string, string>,
  name: string | undefined,
  value: string | undefined,
): void {
  if (name === undefined || value === undefined) return;
  const key = name.toLowerCase();
  const before = index.get(key);
  if (before === value) return;
  // RFC 9110 section 5.3: several lines are one list.
  index.set(key, before === undefined ? value : `${before}, ${value}`);
}

function textOf(value: unknown): string | undefined {
  if (!Array.isArray(value)) return textOfOne(value);
  const lines = new Set<string>();
  let length = 0;
  for (let at = 0; at < value.length; at += 1) {
    const line = textOfOne(value[at]);
    length += (line?.length ?? 0) + 2;
    if (line === undefined || length > MAX_LENGTH + 2) return undefined;
    lines.add(line);
  }
  return lines.size === 0 ? undefined : [...lines].join(", ");
}

function textOfOne(value: unknown): string | undefined {
  if (typeof value === "string") return bounded(value)?.trim();
  if (typeof value === "number") return String(value);
  return value instanceof Uint8Array ? textOfBytes(value)?.trim() : undefined;
}

/** By index: what only says that it is an array of bytes may iterate forever. */
function textOfBytes(bytes: Uint8Array): string | undefined {
  const { length } = bytes;
  if (!(length <= MAX_LENGTH)) return undefined;
  let text = "";
  for (let at = 0; at < length; at += 1) {
    text += String.fromCharCode(bytes[at] ?? 0);
  }
  return text;
}

function bounded(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= MAX_LENGTH ? text : undefined;
}
