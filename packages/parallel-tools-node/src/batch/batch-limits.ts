import { ConfigurationError } from "../errors/configuration-error.js";
import type { Clock } from "../limits/clock.js";
import { createLimits } from "../limits/create-limits.js";
import type { Limit } from "../limits/limit.js";

/**
 * Adds the cap of one invocation, `config.maxConcurrency`, to the limits of its
 * calls. Equal arrays in give equal arrays out.
 *
 * @throws ConfigurationError
 */
export function batchLimits(
  maxConcurrency: unknown,
  calls: number,
  clock: Clock,
): (limits: readonly Limit[]) => readonly Limit[] {
  if (typeof maxConcurrency !== "number" || !(maxConcurrency >= 1)) {
    throw new ConfigurationError(
      "config.maxConcurrency",
      "a number of at least 1",
      maxConcurrency,
    );
  }
  if (maxConcurrency >= calls) return identity;
  const own = createLimits(
    "batch",
    { concurrency: Math.floor(maxConcurrency) },
    clock,
  );
  const known = new Map<readonly Limit[], readonly Limit[]>();
  return (limits) => {
    let all = known.get(limits);
    if (all === undefined) {
      // Limits that are kept elsewhere stand last.
      all = [...own, ...limits];
      known.set(limits, all);
    }
    return all;
  };
}

const identity = (limits: readonly Limit[]) => limits;
