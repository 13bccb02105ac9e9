import { plausibleCount } from "./parse-number.js";
import { plausibleDelay } from "./plausible-delay.js";
import type { Rate } from "./quota-state.js";
import { parseStructuredList } from "./structured-field.js";

/** A quota that a server declares, whatever is left of it. */
export interface QuotaPolicy {
  /** `undefined` in drafts before 08. */
  readonly name: string | undefined;
  /** It counts requests, and not bytes or what runs at a time. */
  readonly countsCalls: boolean;
  /** Only if it counts calls in a window of time. */
  readonly rate: Rate | undefined;
}

/**
 * Reads `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers: since 08
 * `"name";q=100;w=60`, before that (and in `RateLimit-Limit`) `100;w=60`.
 */
export function readQuotaPolicies(text: string | undefined): QuotaPolicy[] {
  return (parseStructuredList(text) ?? []).map(({ value, parameters }) => {
    const named = typeof value === "string";
    const unit = parameters.get("qu") ?? "requests";
    const countsCalls = unit === "requests" || unit === "request";
    const limit = plausibleCount(named ? parameters.get("q") : value);
    const seconds = parameters.get("w");
    const intervalMs =
      typeof seconds === "number" ? plausibleDelay(seconds * 1_000) : undefined;
    return {
      name: named ? value : undefined,
      countsCalls,
      rate:
        countsCalls && limit && intervalMs ? { limit, intervalMs } : undefined,
    };
  });
}
