const MAX_LENGTH = 80;

/**
 * A value as an error message shows it: shortened, followed by its type unless
 * it is `undefined` or `null`. Never throws.
 */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return `\`${String(value)}\``;
  try {
    const type = Array.isArray(value) ? "array" : typeof value;
    return `\`${shorten(textOf(value))}\` (${type})`;
  } catch {
    return "a value that can't be read";
  }
}

/**
 * The kind of a value, as an error message names it where the value itself might be
 * a secret: "a string". Never throws.
 */
export function describeKind(value: unknown): string {
  if (value === undefined || value === null) return `\`${String(value)}\``;
  try {
    if (Array.isArray(value)) return "an array";
    return typeof value === "object" ? "an object" : `a ${typeof value}`;
  } catch {
    return "a value that can't be read";
  }
}

function textOf(value: unknown): string {
  if (typeof value === "function") return String(value.name) || "anonymous";
  if (typeof value !== "object") return String(value);
  try {
    return JSON.stringify(value) ?? Object.prototype.toString.call(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** At most `length` characters of a text, and a sign that it goes on. */
export function shorten(text: string, length = MAX_LENGTH): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}
