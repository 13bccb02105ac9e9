import { ConfigurationError } from "../errors/configuration-error.js";

/** The longest delay of a timer in Node: a longer one fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Reads an option that is a limit in time; `undefined`: there is none.
 *
 * @param least the shortest that makes sense, in milliseconds
 * @throws ConfigurationError
 */
export function readDuration(
  option: string,
  value: unknown,
  least: 0 | 1,
): number | undefined {
  if (value === undefined || value === Number.POSITIVE_INFINITY) {
    return undefined;
  }
  if (typeof value === "number" && value >= least && value <= LONGEST_MS) {
    return value;
  }
  throw new ConfigurationError(
    option,
    `a number of milliseconds from ${least} to ${LONGEST_MS}, or Infinity`,
    value,
  );
}
