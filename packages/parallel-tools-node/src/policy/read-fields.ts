import { ConfigurationError } from "../errors/configuration-error.js";

/**
 * Reads an option that has to be a plain record with no fields but `known`, so
 * that a misspelt field is an error and not a limit that silently never holds.
 */
export function readFields<Field extends string>(
  option: string,
  value: unknown,
  known: readonly Field[],
): Partial<Record<Field, unknown>> {
  const fields = readRecord(option, value);
  for (const field of Object.keys(fields)) {
    if (!(known as readonly string[]).includes(field)) {
      throw new ConfigurationError(
        option,
        `an object with no fields but ${listNames(known)}`,
        field,
      );
    }
  }
  return fields as Partial<Record<Field, unknown>>;
}

/** Reads an option that has to be a record of anything. */
export function readRecord(
  option: string,
  value: unknown,
): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigurationError(option, "an object", value);
  }
  return value as Record<string, unknown>;
}

/** Names as an error message lists them. */
export function listNames(names: readonly string[]): string {
  return names.length === 0
    ? "none"
    : names.map((name) => `\`${name}\``).join(", ");
}
