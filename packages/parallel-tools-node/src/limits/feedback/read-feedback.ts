import type { ServerFeedback } from "../../policy/server-feedback.js";
import { readField } from "./attempt.js";
import { beginReading, type ErrorReading } from "./error-reading.js";
import {
  BUSY,
  type ErrorMarks,
  findHttpError,
  type HttpError,
} from "./find-http-error.js";
import type { HeaderReader } from "./header-reader.js";
import { parseHttpDate } from "./parse-date.js";
import { delayUntil, parseReset, plausibleDelay } from "./parse-delay.js";
import { parseDecimal, plausibleCount } from "./parse-number.js";
import { type QuotaState, quotaState, type Rate } from "./quota-state.js";
import { readIetfQuota } from "./read-ietf-quota.js";
import { readModelQuotas, readXRateLimit } from "./read-vendor-quota.js";

/** What an error says. */
export interface HttpFeedback extends ServerFeedback {
  /** HTTP status, when found. */
  readonly status?: number;
  /** The quota that the server has declared for calls, with its window. */
  readonly rate?: Rate;
  /** The error is of another server than the tool's own. */
  readonly isForeign?: boolean;
  /** The server was too busy: unlike one that refuses, it may have begun. */
  readonly isOverloaded?: boolean;
  /** The account has nothing left. No later attempt is worth it. */
  readonly isUsedUp?: boolean;
}

/**
 * Reads what a server has said of its limits out of an error that a tool threw,
 * or out of a plain object such as `{ status: 429, headers }`.
 *
 * `limited` follows from the status, from a 403 that says when to come back or that
 * nothing remains, from a name or code that means nothing else, from LangChain's
 * mark, or, where there is no status, from the text of the error. It is false for an
 * account that is used up. docs/throttle-signals.md has all forms.
 *
 * `retryAfterMs` comes from `retry-after-ms` or `Retry-After`, or else from the
 * body of the response or a field of the error; `remaining` and `resetMs` together
 * from the first family of headers that names a reset: those of the IETF, current
 * and older, then `X-RateLimit-*`, then those of OpenAI and Anthropic. Dates count
 * from the response's own `Date`. A malformed value, or one over a year,
 * counts as absent. Never throws.
 *
 * Of the errors in an `AggregateError` that counts which asks for the longest wait.
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
  return readOne(error, date, marks, beginReading());
}

function readOne(
  error: unknown,
  date: number,
  marks: ErrorMarks | undefined,
  read: ErrorReading,
): HttpFeedback | undefined {
  const found = findHttpError(error, marks, read);
  const others = found.others.map((one) => readOne(one, date, marks, read));
  return chooseAmong(others) ?? sayAll(found, date);
}

/**
 * What several requests have said as one: to wait for the longest, or that the
 * account is used up. If neither, the status that blames the server most, if each
 * has one.
 */
function chooseAmong(
  said: readonly (HttpFeedback | undefined)[],
): HttpFeedback | undefined {
  const known = said.flatMap((one) => one ?? []);
  const best = (
    candidates: readonly HttpFeedback[],
    rank: (one: HttpFeedback) => number,
  ): HttpFeedback | undefined =>
    [...candidates].sort((one, other) => rank(other) - rank(one))[0];
  return (
    best(
      known.filter(({ limited, isForeign }) => limited && !isForeign),
      ({ retryAfterMs, resetMs = 0 }) => retryAfterMs ?? resetMs,
    ) ??
    known.find(({ isUsedUp }) => isUsedUp) ??
    (known.length === said.length
      ? best(known, ({ status = 600 }) => status)
      : undefined)
  );
}

function sayAll(found: HttpError, date: number): HttpFeedback | undefined {
  const { headers, status, signal, isForeign } = found;
  const now = parseHttpDate(headers("date"), date) ?? date;
  const retryAfterMs = readRetryAfter(headers, now) ?? found.retryAfterMs;
  const { remaining, resetMs, rate } = readQuota(found, now);
  const isUsedUp = signal === "used up";
  const said = [status, retryAfterMs, remaining, resetMs, rate];
  const limited = isLimited(found, retryAfterMs !== undefined, remaining);
  if (!limited && !isUsedUp && said.every((fact) => fact === undefined)) {
    return undefined;
  }
  return {
    limited,
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(remaining !== undefined && { remaining }),
    ...(resetMs !== undefined && { resetMs }),
    ...(rate !== undefined && { rate }),
    ...(isForeign && { isForeign }),
    ...(limited && isOverloaded(found) && { isOverloaded: true }),
    ...(isUsedUp && { isUsedUp }),
  };
}

function isLimited(
  { status, signal, rateLimited }: HttpError,
  saysWhen: boolean,
  remaining: number | undefined,
): boolean {
  if (signal !== undefined) return signal !== "used up";
  if (status === undefined) return rateLimited;
  // GitHub's limits; other 403 say that the caller has no right.
  return BUSY.has(status) || (status === 403 && (saysWhen || remaining === 0));
}

function isOverloaded({ status, signal }: HttpError): boolean {
  if (signal === "throttled") return false;
  const isBusy = status === 503 || status === 529;
  return isBusy || (signal === "overloaded" && status !== 429);
}

function readQuota({ headers, rateLimit }: HttpError, now: number): QuotaState {
  const families = [
    readIetfQuota(headers, now),
    readXRateLimit(headers, now),
    readModelQuotas(headers, now),
    readRateLimitField(rateLimit, now),
  ];
  const state =
    families.find((family) => family?.resetMs !== undefined) ??
    families.find((family) => family?.remaining !== undefined);
  return { ...state, ...(families[0]?.rate && { rate: families[0].rate }) };
}

/** Reads the `rateLimit` of twitter-api-v2, whose reset is in seconds since 1970. */
function readRateLimitField(
  rateLimit: unknown,
  now: number,
): QuotaState | undefined {
  const reset = readField(rateLimit, "reset");
  return quotaState({
    remaining: plausibleCount(readField(rateLimit, "remaining")),
    resetMs:
      typeof reset === "number" ? parseReset(String(reset), now) : undefined,
  });
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
