import { ConfigurationError } from "../errors/configuration-error.js";
import { ratesOf, tokensOf } from "../policy/rate-limit.js";
import type { LimitRequest } from "./shared-limits.js";

/**
 * Refuses a request for more tokens than a limit can ever give: it would wait for
 * ever. A node checks its calls itself, before it asks.
 *
 * @throws ConfigurationError
 */
export function checkCost({ limits, cost }: LimitRequest): void {
  for (const { name, rateLimit } of limits) {
    for (const rate of ratesOf(rateLimit)) {
      if (tokensOf(rate, cost) <= rate.burst) continue;
      throw new ConfigurationError(
        "cost",
        `at most ${rate.burst}, which is all that the rate limit of ${name} gives at once`,
        cost,
      );
    }
  }
}
