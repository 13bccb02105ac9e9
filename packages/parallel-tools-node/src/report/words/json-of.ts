/** The JSON of any value, `undefined` for what has none. */
export function jsonOf(value: unknown, indent?: number): string | undefined {
  try {
    return JSON.stringify(
      value,
      (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part),
      indent,
    );
  } catch {
    // A cycle, a `toJSON` that throws, or too deep.
    return undefined;
  }
}
