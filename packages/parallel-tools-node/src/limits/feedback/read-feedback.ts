import type { ServerFeedback } from "../../policy/server-feedback.js";
import {
  type ErrorMarks,
  findHttpError,
  type HttpError,
} from "./find-http-error.js";
import type { HeaderReader } from "./header-reader.js";
import { parseHttpDate } from "./parse-date.js";
import { delayUntil, plausibleDelay } from "./parse-delay.js";
import { parseDecimal } from "./parse-number.js";
import type { QuotaState, Rate } from "./quota-state.js";
import { readIetfQuota } from "./read-ietf-quota.js";
import { readModelQuotas, readXRateLimit } from "./read-vendor-quota.js";

/** What an HTTP error says. */
export interface HttpFeedback extends ServerFeedback {
  /** HTTP status, when found. */
  readonly status?: number;
  /** The quota that the server has declared for calls, with its window. */
  readonly rate?: Rate;
  /** The error is of another server than the tool's own. */
  readonly isForeign?: boolean;
}

/**
 * Reads what a server has said of its limits out of an error that a tool threw,
 * or out of a plain object such as `{ status: 429, headers }`.
 *
 * `limited` follows from the status (429 or 503) or from LangChain's mark alone,
 * and is false for an account that is used up. `retryAfterMs` comes from
 * `retry-after-ms` or `Retry-After`; `remaining` and `resetMs` together from the
 * first family of headers that names a reset: those of the IETF, current and
 * older, then `X-RateLimit-*`, then those of OpenAI and Anthropic. Dates count
 * from the response's own `Date`. A malformed value, or one over a year,
 * counts as absent. Never throws.
 *
 * @param error anything
 * @param date milliseconds since 1970 by our own clock, for a server that sends
 * no `Date` header
 * @param marks tell which errors are LangChain's or LangGraph's own
 * @returns `undefined` when the error has neither a status nor anything to say
 */
export function readFeedback(
  error: unknown,
  date: number,
  marks?: ErrorMarks,
): HttpFeedback | undefined {
  const found = findHttpError(error, marks);
  const { headers, status, isForeign } = found;
  const now = parseHttpDate(headers("date"), date) ?? date;
  const retryAfterMs =
    readRetryAfter(headers, now) ?? plausibleDelay(found.retryAfterMs ?? -1);
  const { remaining, resetMs, rate } = readQuota(headers, now);
  const said = [status, retryAfterMs, remaining, resetMs, rate];
  const limited = isLimited(found);
  if (!limited && said.every((fact) => fact === undefined)) return undefined;
  return {
    limited,
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(remaining !== undefined && { remaining }),
    ...(resetMs !== undefined && { resetMs }),
    ...(rate !== undefined && { rate }),
    ...(isForeign && { isForeign }),
  };
}

function isLimited(error: HttpError): boolean {
  const { status, rateLimited, quotaUsedUp } = error;
  if (quotaUsedUp) return false;
  return status === undefined ? rateLimited : status === 429 || status === 503;
}

function readQuota(headers: HeaderReader, now: number): QuotaState {
  const families = [
    readIetfQuota(headers, now),
    readXRateLimit(headers, now),
    readModelQuotas(headers, now),
  ];
  const state =
    families.find((family) => family?.resetMs !== undefined) ??
    families.find((family) => family?.remaining !== undefined);
  return { ...state, ...(families[0]?.rate && { rate: families[0].rate }) };
}

/**
 * Reads for how long a server wants no calls, in milliseconds. `retry-after-ms`
 * (OpenAI, Azure) and `x-ms-retry-after-ms` (Azure) are more exact than
 * `Retry-After` (RFC 9110 section 10.2.3) and go before it. That one is a date
 * or whole seconds; decimals, which some servers send, are taken as well.
 *
 * @param now milliseconds since 1970 by the server's clock
 */
function readRetryAfter(
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
