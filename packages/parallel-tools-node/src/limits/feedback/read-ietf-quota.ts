import type { HeaderReader } from "./header-reader.js";
import { parseCount, plausibleCount } from "./parse-number.js";
import { parseReset } from "./parse-delay.js";
import { plausibleDelay } from "./plausible-delay.js";
import { type QuotaState, quotaState } from "./quota-state.js";
import { readQuotaPolicies } from "./read-quota-policies.js";
import { parseStructuredDictionary } from "./structured-field.js";

/**
 * Reads the fields of draft-ietf-httpapi-ratelimit-headers before 08:
 * `RateLimit: limit=100, remaining=0, reset=5` (07), and `RateLimit-Limit`,
 * `-Remaining` and `-Reset` (to 06). The policy whose limit is the one in force
 * gives the rate, or the only one that there is. A reset is in seconds from now;
 * GitLab's, in seconds since 1970, is known by its size.
 *
 * @param now milliseconds since 1970 by the server's clock
 */
export function readRateLimitDrafts(
  headers: HeaderReader,
  now: number,
): QuotaState | undefined {
  const limitField = headers("ratelimit-limit");
  const combined = parseStructuredDictionary(headers("ratelimit"));
  const reset = combined?.get("reset")?.value;
  const limit =
    plausibleCount(combined?.get("limit")?.value) ??
    parseCount(firstItem(limitField));
  const rates = [
    ...readQuotaPolicies(headers("ratelimit-policy")),
    ...readQuotaPolicies(limitField),
  ].flatMap(({ rate }) => rate ?? []);
  return quotaState({
    remaining:
      plausibleCount(combined?.get("remaining")?.value) ??
      parseCount(firstItem(headers("ratelimit-remaining"))),
    resetMs:
      (typeof reset === "number" ? plausibleDelay(reset * 1_000) : undefined) ??
      parseReset(wholeItem(headers("ratelimit-reset")), now),
    rate:
      rates.find((rate) => rate.limit === limit) ??
      (rates.length === 1 ? rates[0] : undefined),
  });
}

/** `100` of `100, 100;w=60`. */
function firstItem(text: string | undefined): string | undefined {
  return wholeItem(text?.split(",", 1)[0]);
}

/** `76` of `76;w=21600`, as Docker Hub sends it. */
function wholeItem(text: string | undefined): string | undefined {
  return text?.split(";", 1)[0]?.trim();
}
