import type { HeaderReader } from "./header-reader.js";
import { parseCount, parseDecimal } from "./parse-number.js";
import { parseReset } from "./parse-delay.js";
import { plausibleDelay } from "./plausible-delay.js";
import { type QuotaState, quotaState } from "./quota-state.js";

const PREFIXES = ["x-ratelimit-", "x-rate-limit-"];

/**
 * Reads `X-RateLimit-Remaining` and `X-RateLimit-Reset`, also spelled
 * `X-Rate-Limit-*`, and Discord's `X-RateLimit-Reset-After` (seconds with
 * decimals), which no difference between clocks can spoil and which goes first.
 *
 * @param now milliseconds since 1970 by the server's clock
 */
export function readXRateLimit(
  headers: HeaderReader,
  now: number,
): QuotaState | undefined {
  const first = (suffix: string): string | undefined =>
    PREFIXES.map((prefix) => headers(prefix + suffix)).find(
      (text) => text !== undefined,
    );
  const seconds = parseDecimal(first("reset-after"));
  return quotaState({
    remaining: parseCount(first("remaining")),
    resetMs:
      (seconds === undefined ? undefined : plausibleDelay(seconds * 1_000)) ??
      parseReset(first("reset"), now),
  });
}
