import { PolicyFunctionError } from "../errors/policy-function-error.js";
import type { CallLimits, LimitBook } from "../limits/limit-book.js";
import type { Limit } from "../limits/limit.js";
import { ratesOf } from "../policy/rate-limit.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { ModelRequest } from "./model-request.js";

/**
 * What a request takes. Where no declared rate counts tokens it takes one of each: what is
 * learned from refusals is then how many requests a server takes.
 *
 * @throws PolicyFunctionError
 */
export function boundFor(
  limits: LimitBook,
  policy: ResolvedPolicy,
  request: ModelRequest,
): CallLimits {
  try {
    const bound = limits.of("model", policy, request);
    return bound.limits.some(countsTokens) ? bound : { ...bound, cost: 1 };
  } catch (fault) {
    const { option, problem, cause, isLate } = fault as PolicyFunctionError;
    const advice = problem.startsWith("asked for") ? ADVICE : "";
    throw new PolicyFunctionError(option, problem, cause, isLate, advice);
  }
}

const ADVICE =
  "By default a request costs the characters of its messages over four, plus `max_tokens`: send less, lower `max_tokens`, or declare a limit that is as high as the provider's.";

function countsTokens({ declared }: Limit): boolean {
  return declared.some(({ rateLimit }) =>
    ratesOf(rateLimit).some(({ counts }) => counts !== "calls"),
  );
}
