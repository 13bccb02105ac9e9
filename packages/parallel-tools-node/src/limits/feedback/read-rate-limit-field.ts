import type { HeaderReader } from "./header-reader.js";
import { plausibleCount } from "./parse-number.js";
import { plausibleDelay } from "./plausible-delay.js";
import { type QuotaState, quotaState } from "./quota-state.js";
import { readQuotaPolicies } from "./read-quota-policies.js";
import { parseStructuredList } from "./structured-field.js";

/**
 * Reads `RateLimit: "name";r=0;t=12, "other";r=5;t=1` and the policy of that
 * name in `RateLimit-Policy: "name";q=50;w=1`, as
 * draft-ietf-httpapi-ratelimit-headers has them since version 08. Of several
 * quotas the one speaks that binds: with the least left, then the longest wait.
 * One that counts something else than requests binds when nothing is left.
 */
export function readRateLimitField(
  headers: HeaderReader,
): QuotaState | undefined {
  const items = parseStructuredList(headers("ratelimit"));
  if (items === undefined) return undefined;
  const policies = readQuotaPolicies(headers("ratelimit-policy"));
  const [binding] = items
    .map(({ value, parameters }) => {
      const seconds = parameters.get("t");
      return {
        remaining: plausibleCount(parameters.get("r")),
        resetMs:
          typeof seconds === "number"
            ? plausibleDelay(seconds * 1_000)
            : undefined,
        policy: policies.find(({ name }) => name === value),
      };
    })
    .filter(({ remaining, policy }) =>
      // Bytes and slots that are left say nothing about calls.
      policy?.countsCalls === false ? remaining === 0 : remaining !== undefined,
    )
    .sort(
      (a, b) =>
        (a.remaining ?? 0) - (b.remaining ?? 0) ||
        (b.resetMs ?? -1) - (a.resetMs ?? -1),
    );
  return binding && quotaState({ ...binding, rate: binding.policy?.rate });
}
