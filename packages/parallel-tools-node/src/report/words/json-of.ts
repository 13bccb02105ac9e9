/** The JSON of any value; `undefined` for a value that has none. */
export function jsonOf(value: unknown, indent?: number): string | undefined {
  try {
    return JSON.stringify(
      value,
      (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part),
      indent,
    );
  } catch {
    // It has a cycle, is nested too deeply, or a `toJSON` of it throws.
    return undefined;
  }
}
