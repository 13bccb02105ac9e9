import { ConfigurationError } from "../errors/configuration-error.js";
import type { LimitRequest } from "./shared-limits.js";

/**
 * Refuses a request for more tokens than a limit can ever give: it would wait for
 * ever. A node checks its calls itself, before it asks.
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
