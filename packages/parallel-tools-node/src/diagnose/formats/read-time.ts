import { ownField } from "../own-field.js";

const FIELDS = ["created_at", "createdAt", "timestamp"];
const HOLDERS = ["additional_kwargs", "response_metadata", "metadata"];
/** Larger numbers are milliseconds. */
const MAX_SECONDS = 100_000_000_000;
/** The year 2001: smaller numbers are no time since 1970. */
const MIN_SECONDS = 1_000_000_000;

/**
 * Reads a time: an ISO text, or seconds or milliseconds since 1970.
 *
 * @returns milliseconds since 1970; `undefined` for a value that is no time
 */
export function readTime(value: unknown): number | undefined {
  if (typeof value === "number") {
    if (!(value >= MIN_SECONDS && value < MAX_SECONDS * 1_000)) {
      return undefined;
    }
    return value < MAX_SECONDS ? value * 1_000 : value;
  }
  if (typeof value !== "string" || value.length > 40) return undefined;
  if (!/^\d{4}-\d{2}-\d{2}T/.test(value)) return undefined;
  // LangSmith omits the zone for UTC.
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(value) ? value : `${value}Z`;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? undefined : time;
}

/** When a message was written, if it or its metadata says so. */
export function readMessageTime(message: object): number | undefined {
  for (const holder of [
    message,
    ...HOLDERS.map((name) => ownField(message, name)),
  ]) {
    for (const field of FIELDS) {
      const time = readTime(ownField(holder, field));
      if (time !== undefined) return time;
    }
  }
  return undefined;
}
