import { ConfigurationError } from "../errors/configuration-error.js";

/** The longest delay of a timer in Node: a longer one fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Reads an option that is a time in milliseconds.
 *
 * @param least the shortest that makes sense
 * @throws ConfigurationError
 */
export function readDuration(
  option: string,
  value: unknown,
  least: 0 | 1,
  addition = "",
): number {
  if (typeof value === "number" && value >= least && value <= LONGEST_MS) {
    return value;
  }
  throw new ConfigurationError(
    option,
    `a number of milliseconds from ${least} to ${LONGEST_MS}${addition}`,
    value,
  );
}
