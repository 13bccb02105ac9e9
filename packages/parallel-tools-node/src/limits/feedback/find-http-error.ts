import { attempt } from "./attempt.js";
import {
  beginReading,
  type ErrorReading,
  type ReadOnce,
} from "./error-reading.js";
import { type HeaderReader, headerReader } from "./header-reader.js";
import { plausibleDelay } from "./parse-delay.js";
import { readBody } from "./read-body.js";
import { frontOf, readDelayInText, saysThrottled } from "./read-text.js";
import { type Signal, strongerSignal } from "./signal-words.js";

/** Tells errors of LangChain and LangGraph apart, which this room doesn't know. */
export interface ErrorMarks {
  /** Whether an error is of another server than the tool's own. */
  readonly comesFromInside?: (error: unknown) => boolean;
  /** Whether LangChain has marked an error as a model's rate limit. */
  readonly isModelRateLimit?: (error: unknown) => boolean;
}

/** What an error and its causes hold of a server's answer. */
export interface HttpError {
  readonly status: number | undefined;
  readonly headers: HeaderReader;
  /** What names and codes say, or a text where there is no status. */
  readonly signal: Signal | undefined;
  /** LangChain has marked it as a model's rate limit. */
  readonly rateLimited: boolean;
  /** Milliseconds that a body or a field of the error asks to wait. */
  readonly retryAfterMs: number | undefined;
  /** The `rateLimit` of twitter-api-v2. */
  readonly rateLimit: unknown;
  /** It is of another server than the tool's own. */
  readonly isForeign: boolean;
  /** The errors of an `AggregateError`, each of a request of its own. */
  readonly others: readonly unknown[];
}

const MAX_ERRORS = 64;
const MAX_OTHERS = 50;

/** Where an error holds the one before it. `lastError` is the AI SDK's. */
const CAUSES = ["lastError", "cause", "original", "originalError"];

/** The statuses that say that a server takes no call for now. */
export const BUSY: ReadonlySet<number | undefined> = new Set([
  420, 429, 430, 503, 509, 529,
]);

/**
 * Looks for a response of HTTP in what was thrown, in the forms of clients and SDKs,
 * and for what gRPC, GraphQL and databases say in its place. What the outer error
 * leaves open its `cause` may say, as long as it doesn't tell of another status. At
 * most 64 errors are read.
 *
 * @param marks each is asked about the error and about its causes
 */
export function findHttpError(
  error: unknown,
  { comesFromInside, isModelRateLimit }: ErrorMarks = {},
  reading: ErrorReading = beginReading(),
): HttpError {
  const { seen, read } = reading;
  let status: number | undefined;
  let signal: Signal | undefined;
  let rateLimited = false;
  let retryAfterMs: number | undefined;
  let rateLimit: unknown;
  let isForeign = false;
  let others: readonly unknown[] = [];
  const sources: unknown[] = [];
  const texts: string[] = [];
  let next = error;
  while (next !== undefined && seen.size < MAX_ERRORS && !seen.has(next)) {
    const level = next;
    seen.add(level);
    const text = frontOf(read(level, "message") ?? level);
    const othersHere = othersOf(level, read);
    const body = readBody(level, othersHere, reading);
    const found = statusOf(level, text, read) ?? readStatus(body.status);
    if (status !== undefined && found !== undefined && found !== status) break;
    // Of a cause that says what a status outside of it has denied.
    const isDenied = status !== undefined && !found && !BUSY.has(status);
    status ??= found;
    isForeign ||= attempt(() => comesFromInside?.(level)) === true;
    sources.push(...headersOf(level, read));
    rateLimited ||= attempt(() => isModelRateLimit?.(level)) === true;
    const said = strongerSignal(body.signal, signalOfFields(level, text, read));
    if (!isDenied || said === "used up") signal = strongerSignal(signal, said);
    retryAfterMs ??= readDelayField(level, read) ?? body.waitMs;
    rateLimit ??= read(level, "rateLimit");
    texts.push(text);
    // Where there is a last error it alone counts.
    const hasLast = read(level, "lastError") !== undefined;
    if (others.length === 0 && !hasLast) others = othersHere;
    next = causeOf(level, read);
  }
  if (status === undefined && signal === undefined) {
    const text = texts.find(saysThrottled);
    if (text !== undefined) signal = "throttled";
    retryAfterMs ??= readDelayInText(text ?? "");
  }
  return {
    status,
    headers: headerReader(sources),
    signal,
    rateLimited,
    retryAfterMs,
    rateLimit,
    isForeign,
    others: status === undefined && signal === undefined ? others : [],
  };
}

function causeOf(error: unknown, read: ReadOnce): unknown {
  for (const key of CAUSES) {
    const cause = read(error, key);
    if (cause !== undefined && cause !== null) return cause;
  }
  return undefined;
}

/** Not the `errors` in a body of GraphQL or Google, which are no `Error`s. */
function othersOf(error: unknown, read: ReadOnce): readonly unknown[] {
  const errors = read(error, "errors");
  if (attempt(() => Array.isArray(errors)) !== true) return [];
  const isAggregate = read(error, "name") === "AggregateError";
  const others: unknown[] = [];
  for (let at = 0; at < MAX_OTHERS; at += 1) {
    const one = read(errors, at);
    if (one === undefined) break;
    const isError = attempt(() => one instanceof Error) === true;
    if (isAggregate || isError) others.push(one);
  }
  return others;
}

function headersOf(error: unknown, read: ReadOnce): unknown[] {
  return [
    read(error, "headers"),
    read(read(error, "response"), "headers"),
    read(read(error, "$response"), "headers"),
    read(error, "responseHeaders"),
    read(read(error, "meta"), "headers"),
    // Of gRPC.
    read(error, "metadata"),
  ];
}

function statusOf(
  error: unknown,
  text: string,
  read: ReadOnce,
): number | undefined {
  const response = read(error, "response");
  return (
    readStatus(read(error, "status")) ??
    readStatus(read(error, "statusCode")) ??
    readStatus(read(response, "status")) ??
    readStatus(read(response, "statusCode")) ??
    readStatus(read(read(error, "$metadata"), "httpStatusCode")) ??
    readStatus(read(read(error, "$response"), "statusCode")) ??
    readStatus(read(read(error, "meta"), "statusCode")) ??
    readCode(error, response, text, read)
  );
}

/**
 * Codes mean anything: gRPC counts from 0, a `DOMException` to 25, and FTP has a
 * 503 of its own. Only 429 is HTTP's alone; others need a word of HTTP beside them.
 */
function readCode(
  error: unknown,
  response: unknown,
  text: string,
  read: ReadOnce,
): number | undefined {
  const status = readStatus(read(error, "code"), 400);
  if (status === undefined || status === 429) return status;
  const isOfHttp =
    (response ?? read(error, "headers") ?? undefined) !== undefined ||
    /\bHTTP\b/.test(text);
  return isOfHttp ? status : undefined;
}

function readStatus(value: unknown, least = 100): number | undefined {
  const digits = typeof value === "string" && /^\d{3}$/.test(value);
  const status = digits ? Number(value) : value;
  return Number.isInteger(status) &&
    (status as number) >= least &&
    (status as number) <= 599
    ? (status as number)
    : undefined;
}

/** What only the fields of one library say. */
function signalOfFields(
  error: unknown,
  text: string,
  read: ReadOnce,
): Signal | undefined {
  // As LangChain's `AsyncCaller` sees it.
  if (read(error, "rateLimitType") === "stop") return "used up";
  const isThrottled =
    read(read(error, "$retryable"), "throttling") === true ||
    isResourceExhausted(error, text, read) ||
    read(error, "errno") === MYSQL_TOO_MANY_CONNECTIONS;
  if (isThrottled) return "throttled";
  // Nodemailer's, of SMTP: the server closes the connection, and may take another.
  return read(error, "responseCode") === 421 ? "overloaded" : undefined;
}

const MYSQL_TOO_MANY_CONNECTIONS = 1_040;

/** Code 8 of gRPC, which is that of another error of a `DOMException`. */
function isResourceExhausted(
  error: unknown,
  text: string,
  read: ReadOnce,
): boolean {
  return (
    read(error, "code") === 8 &&
    (typeof read(error, "details") === "string" ||
      typeof read(error, "rawMessage") === "string" ||
      text.includes("RESOURCE_EXHAUSTED"))
  );
}

/** Milliseconds in a field whose unit the library tells. */
function readDelayField(error: unknown, read: ReadOnce): number | undefined {
  // `AsyncCaller` sets both, and others may mean something else by the one.
  if (read(error, "rateLimitType") !== undefined) {
    return asDelay(read(error, "retryAfterMs"), 1);
  }
  const delay = read(error, "retryAfter");
  if (typeof delay !== "number") return undefined;
  if (read(error, "code") === "slack_webapi_rate_limited_error") {
    return asDelay(delay, 1_000);
  }
  const name = read(error, "name");
  const isOfDiscord =
    typeof name === "string" && name.startsWith("RateLimitError[");
  return isOfDiscord ? asDelay(delay, 1) : undefined;
}

function asDelay(value: unknown, unitMs: number): number | undefined {
  return typeof value === "number" ? plausibleDelay(value * unitMs) : undefined;
}
