import { readDuration } from "./read-duration.js";

/**
 * Reads an option that is a limit in time, in milliseconds; `undefined`: there is
 * none.
 *
 * @param least the shortest that makes sense
 * @throws ConfigurationError
 */
export function readTimeLimit(
  option: string,
  value: unknown,
  least: 0 | 1,
): number | undefined {
  return value === undefined || value === Number.POSITIVE_INFINITY
    ? undefined
    : readDuration(option, value, least, ", or Infinity");
}
