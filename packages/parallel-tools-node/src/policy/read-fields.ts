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

/** Reads the value of one field, which was given. */
export type FieldReader<Value> = (option: string, value: unknown) => Value;

type FieldReaders = Readonly<Record<string, FieldReader<unknown>>>;

/** What the readers of a table make of its fields; others stay out. */
type ReadFields<Table extends FieldReaders, Always extends keyof Table> = {
  [Field in keyof Table]?: ReturnType<Table[Field]>;
} & { [Field in Always]: ReturnType<Table[Field]> };

/**
 * Reads an option that has to be a plain record, each of its fields by the
 * reader that stands under its name in a table. A field that is `undefined`
 * counts as left out.
 *
 * @param required the fields that may not be left out
 */
export function readByTable<
  Table extends FieldReaders,
  Always extends keyof Table & string = never,
>(
  option: string,
  value: unknown,
  table: Table,
  required: readonly Always[] = [],
): ReadFields<Table, Always> {
  const given = readFields(option, value, Object.keys(table));
  return readEach(given, table, required, (field) => `${option}.${field}`);
}

/** Reads the fields of a record that are in a table, and leaves the rest. */
export function readEach<
  Table extends FieldReaders,
  Always extends keyof Table & string = never,
>(
  given: object,
  table: Table,
  required: readonly Always[] = [],
  nameOf = (field: string) => field,
): ReadFields<Table, Always> {
  const known: Record<string, unknown> = {};
  for (const [field, read] of Object.entries(table)) {
    const value = (given as Record<string, unknown>)[field];
    if (
      value !== undefined ||
      (required as readonly string[]).includes(field)
    ) {
      known[field] = read(nameOf(field), value);
    }
  }
  return known as ReadFields<Table, Always>;
}

/** Reads an option that has to be a boolean. */
export function readBoolean(option: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new ConfigurationError(option, "a boolean", value);
}

/** Reads an option that has to be an integer of at least 1. */
export function readPositiveInteger(option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) {
    return value as number;
  }
  throw new ConfigurationError(option, "an integer of at least 1", value);
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

/** Reads names of tools; one that comes twice counts once. */
export function readNames(option: string, given: unknown): readonly string[] {
  if (Array.isArray(given)) {
    // A copy also shows the holes of an array, which `every` would skip.
    const names: unknown[] = [...new Set(given)];
    if (names.every((name) => typeof name === "string")) return names;
  }
  throw new ConfigurationError(option, "an array of names", given);
}
