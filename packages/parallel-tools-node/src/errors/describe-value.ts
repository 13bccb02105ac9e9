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

function textOf(value: unknown): string {
  if (typeof value === "function") return String(value.name) || "anonymous";
  if (typeof value !== "object") return String(value);
  try {
    return JSON.stringify(value) ?? Object.prototype.toString.call(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function shorten(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
}
