import { attempt, readField } from "./attempt.js";
import { type HeaderReader, headerReader } from "./header-reader.js";

/** Tells errors of LangChain and LangGraph apart, which this room doesn't know. */
export interface ErrorMarks {
  /** Whether an error is of another server than the tool's own. */
  readonly comesFromInside?: (error: unknown) => boolean;
  /** Whether LangChain has marked an error as a model's rate limit. */
  readonly isModelRateLimit?: (error: unknown) => boolean;
}

/** What an error and its causes hold of an HTTP response. */
export interface HttpError {
  readonly status: number | undefined;
  readonly headers: HeaderReader;
  /** LangChain has marked it as a model's rate limit. */
  readonly rateLimited: boolean;
  /** The account's quota is used up: it doesn't help to wait. */
  readonly quotaUsedUp: boolean;
  /** Milliseconds, as LangChain's `AsyncCaller` has read them. */
  readonly retryAfterMs: number | undefined;
  /** It is of another server than the tool's own. */
  readonly isForeign: boolean;
}

const MAX_CAUSES = 5;

/**
 * Looks for an HTTP response in what was thrown: an error of fetch wrappers
 * (ofetch, ky, got, superagent, octokit), axios, gaxios, the OpenAI SDK, the AWS
 * SDK, LangChain or MCP, a `Response`, or a plain object of the same shape. What
 * the outer error leaves open its `cause` may say, at most five deep, as long as
 * it doesn't tell of another status.
 *
 * @param marks each is asked about the error and about its causes
 */
export function findHttpError(
  error: unknown,
  { comesFromInside, isModelRateLimit }: ErrorMarks = {},
): HttpError {
  let status: number | undefined;
  let rateLimited = false;
  let quotaUsedUp = false;
  let retryAfterMs: number | undefined;
  let isForeign = false;
  const sources: unknown[] = [];
  let next = error;
  const seen = new Set<unknown>();
  while (seen.size <= MAX_CAUSES && !seen.has(next)) {
    const level = next;
    seen.add(level);
    const response = readField(level, "response");
    const awsResponse = readField(level, "$response");
    const code = readField(level, "code");
    const found = statusOf(level, response, awsResponse, code);
    if (status !== undefined && found !== undefined && found !== status) break;
    status ??= found;
    isForeign ||= attempt(() => comesFromInside?.(level)) === true;
    sources.push(
      readField(level, "headers"),
      readField(response, "headers"),
      readField(awsResponse, "headers"),
    );
    rateLimited ||= attempt(() => isModelRateLimit?.(level)) === true;
    const verdict = readField(level, "rateLimitType");
    quotaUsedUp ||= verdict === "stop" || isQuotaUsedUp(level, code);
    // `AsyncCaller` sets both, and others may mean something else by the one.
    if (verdict !== undefined) {
      const waitMs = readField(level, "retryAfterMs");
      if (typeof waitMs === "number") retryAfterMs ??= waitMs;
    }
    next = readField(level, "cause");
  }
  const headers = headerReader(sources);
  return {
    status,
    headers,
    rateLimited,
    quotaUsedUp,
    retryAfterMs,
    isForeign,
  };
}

function statusOf(
  error: unknown,
  response: unknown,
  awsResponse: unknown,
  code: unknown,
): number | undefined {
  return (
    readStatus(readField(error, "status")) ??
    readStatus(readField(error, "statusCode")) ??
    readStatus(readField(response, "status")) ??
    readStatus(readField(response, "statusCode")) ??
    readStatus(readField(readField(error, "$metadata"), "httpStatusCode")) ??
    readStatus(readField(awsResponse, "statusCode")) ??
    // Codes mean anything: gRPC counts from 0, a `DOMException` to 25.
    readStatus(code, 400)
  );
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

/** As LangGraph's own retry policy and LangChain's `AsyncCaller` see it. */
function isQuotaUsedUp(error: unknown, code: unknown): boolean {
  return (
    code === "insufficient_quota" ||
    readField(readField(error, "error"), "code") === "insufficient_quota"
  );
}
