import { ConfigurationError } from "../errors/configuration-error.js";
import type { LimitRequest } from "./shared-limits.js";

/**
 * A request for more than a limit ever gives would wait for ever. A node finds
 * that out before it asks.
 *
 * @throws ConfigurationError
 */
export function checkCost({ limits, cost }: LimitRequest): void {
  for (const { name, rateLimit } of limits) {
    if (rateLimit !== undefined && !(cost <= rateLimit.burst)) {
      throw new ConfigurationError(
        "cost",
        `at most ${rateLimit.burst}, which is all that the rate limit of ${name} gives at once`,
        cost,
      );
    }
  }
}
