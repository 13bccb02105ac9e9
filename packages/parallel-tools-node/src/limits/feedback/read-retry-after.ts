import type { HeaderReader } from "./header-reader.js";
import { parseHttpDate } from "./parse-date.js";
import { parseDecimal } from "./parse-number.js";
import { delayUntil, plausibleDelay } from "./plausible-delay.js";

/**
 * Reads how long a server asks to stay away, in milliseconds. `retry-after-ms`
 * (OpenAI, Azure) and `x-ms-retry-after-ms` (Azure) are more exact than
 * `Retry-After` (RFC 9110 section 10.2.3) and go before it. That one is a date
 * or whole seconds; decimals, which some servers send, are taken as well.
 *
 * @param now milliseconds since 1970 by the server's clock
 */
export function readRetryAfter(
  headers: HeaderReader,
  now: number,
): number | undefined {
  return (
    readDelay(headers("retry-after-ms"), 1) ??
    readDelay(headers("x-ms-retry-after-ms"), 1) ??
    readSecondsOrDate(headers("retry-after"), now)
  );
}

function readSecondsOrDate(
  text: string | undefined,
  now: number,
): number | undefined {
  const time = parseHttpDate(text, now);
  return time === undefined ? readDelay(text, 1_000) : delayUntil(time, now);
}

function readDelay(
  text: string | undefined,
  unitMs: number,
): number | undefined {
  const value = parseDecimal(text);
  return value === undefined ? undefined : plausibleDelay(value * unitMs);
}
