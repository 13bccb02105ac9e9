import { describe, expect, it } from "vitest";
import { readFeedback } from "@/limits/feedback/read-feedback.js";

const NOW = 1_769_508_000_000;
const read = (error: unknown) => readFeedback(error, NOW);
const failure = (message: string, fields: object = {}) =>
  Object.assign(new Error(message), fields);

describe("a text alone", () => {
  it.each([
    "HTTP 429",
    "http 429",
    "HTTP/1.1 429 Too Many Requests",
    "Error POSTing to endpoint (HTTP 429): slow down",
    "HTTP error: 429",
    "Request failed with status code 429",
    "status: 429",
    "statusCode=429",
    "429 Too Many Requests",
    "Call failed! (429: Too Many Requests: retry later)",
    "Too many requests",
    "MCP error -32000: Too many requests",
    "Rate limit exceeded.",
    "API rate limit exceeded!",
    "ERR max number of clients reached",
  ])("says that the call was refused: %s", (text) => {
    expect(read(failure(text))).toEqual({ limited: true });
    expect(read(text)).toEqual({ limited: true });
    expect(read(failure("no", { cause: text }))).toEqual({ limited: true });
  });

  it.each([
    "429",
    "429 rows affected",
    "Order 429 was not found",
    "Room 429: too many guests",
    "line 429, column 3",
    "HTTP 4290",
    "status 14290",
    "the rate limit exceeded field is unknown",
    "Too many requests in this file to print them",
    "Rate limit exceededness",
    `${"x".repeat(1_000)} HTTP 429`,
  ])("may mean something else: %s", (text) => {
    expect(read(failure(text))).toBeUndefined();
  });

  it("says nothing beside a status or a code that says something", () => {
    const text = "upstream gave HTTP 429";
    expect(read(failure(text, { status: 500 }))?.limited).toBe(false);
    expect(read(failure(text, { code: "insufficient_quota" }))).toEqual({
      limited: false,
      isUsedUp: true,
    });
  });

  it.each([
    ["retry after 3 seconds", 3_000],
    ["retry after 3", 3_000],
    ["Retry after: 250ms", 250],
    ["please try again in 1.5s", 1_500],
    ["try again in 2 minutes", 120_000],
    ["retry after 20 milliseconds", 20],
    ["retry after 999999999", undefined],
    ["retry soon", undefined],
  ])("gives a wait: %s", (text, retryAfterMs) => {
    const said = read(failure(`HTTP 429, ${text}`));
    expect(said?.retryAfterMs).toBe(retryAfterMs);
  });
});

describe("a name or code", () => {
  it.each([
    { name: "ThrottlingException" },
    { name: "SlowDown", $metadata: { httpStatusCode: 503 } },
    { code: "RequestLimitExceeded" },
    { $retryable: { throttling: true } },
    { code: "functions/resource-exhausted" },
    { code: 8, details: "quota" },
    { code: 8, rawMessage: "quota" },
    { errors: [{ type: "RATE_LIMITED" }] },
    { graphQLErrors: [failure("no", { extensions: { code: "THROTTLED" } })] },
    { response: { errors: [{ extensions: { code: "THROTTLED" } }] } },
    { status: 403, errors: [{ reason: "userRateLimitExceeded" }] },
    {
      status: 403,
      response: { data: [{ errorCode: "REQUEST_LIMIT_EXCEEDED" }] },
    },
    { error_code: 429 },
    { response: { body: { error_code: 429 } } },
    { code: "53300" },
    { code: "ER_CON_COUNT_ERROR" },
    { errno: 1040 },
    { error: { type: "error", error: { type: "rate_limit_error" } } },
    { responseBody: `{"error":{"code":"rate_limit_exceeded"}}` },
  ])("says that the call was refused: %j", (fields) => {
    const said = read(failure("no", fields));
    expect(said?.limited).toBe(true);
    expect(said?.isOverloaded).toBeUndefined();
  });

  it.each([
    { code: "53301" },
    { name: "LimitExceededException", $metadata: { httpStatusCode: 400 } },
    { code: 8 },
    { errno: -1040 },
    { status: 403, errors: [{ reason: "dailyLimitExceeded" }] },
    { code: "x".repeat(1_000) },
  ])("may mean something else: %j", (fields) => {
    expect(read(failure("no", fields))?.limited ?? false).toBe(false);
  });

  it.each([
    { error: { type: "overloaded_error" } },
    { status: 529, error: { type: "overloaded_error" } },
    { responseCode: 421 },
  ])("says that the server was too busy: %j", (fields) => {
    expect(read(failure("no", fields))).toMatchObject({
      limited: true,
      isOverloaded: true,
    });
  });

  it.each([
    { status: 429, name: "RateLimitError", code: "insufficient_quota" },
    { status: 429, responseBody: `{"error":{"type":"insufficient_quota"}}` },
    { status: 429, data: { error: { code: "billing_hard_limit_reached" } } },
    { status: 400, error: { error: { type: "billing_error" } } },
  ])("says that the account is used up: %j", (fields) => {
    expect(read(failure("no", fields))).toMatchObject({
      limited: false,
      isUsedUp: true,
    });
  });

  it("doesn't outweigh the status of an error around it", () => {
    const cause = failure("no", { name: "ThrottlingException" });
    expect(read(failure("no", { status: 500, cause }))?.limited).toBe(false);
    expect(read(failure("no", { cause }))?.limited).toBe(true);
  });
});

describe("a wait in the body", () => {
  it.each([
    [{ parameters: { retry_after: 3 } }, 3_000],
    [{ rawError: { retry_after: 0.25 } }, 250],
    [{ data: { retry_after: "2" } }, 2_000],
    [{ errorDetails: [{ retryDelay: "34s" }] }, 34_000],
    [{ statusDetails: [{ retryDelay: { seconds: "2", nanos: 5e8 } }] }, 2_500],
    [{ details: [{ retryDelay: { seconds: { low: 2 } } }] }, 2_000],
    [{ details: [{ retryDelay: { nanos: 5e8 } }] }, 500],
    [{ details: [{ retryDelay: "34" }] }, undefined],
    [{ data: { retry_after: -1 } }, undefined],
    [{ code: "slack_webapi_rate_limited_error", retryAfter: 3 }, 3_000],
    [{ name: "RateLimitError[/a]", retryAfter: 700 }, 700],
  ])("is read: %j", (fields, retryAfterMs) => {
    const said = read(failure("no", { status: 429, ...fields }));
    expect(said?.retryAfterMs).toBe(retryAfterMs);
  });

  it("comes after that of a header", () => {
    const error = {
      status: 429,
      headers: { "retry-after": "5" },
      data: { retry_after: 3 },
    };
    expect(read(error)?.retryAfterMs).toBe(5_000);
  });

  it("is in the text of an error that is JSON", () => {
    const text = JSON.stringify({
      error: { code: 429, details: [{ retryDelay: "34s" }] },
    });
    expect(read(failure(text, { status: 429 }))?.retryAfterMs).toBe(34_000);
  });
});

describe("errors of several requests", () => {
  const refused = (seconds: number) =>
    failure("no", { status: 429, headers: { "retry-after": String(seconds) } });
  const broken = (status: number) => failure("no", { status });

  it("ask for the longest wait of those that were refused", () => {
    const error = new AggregateError([
      refused(2),
      broken(500),
      refused(5),
      refused(3),
    ]);
    expect(read(error)).toMatchObject({ limited: true, retryAfterMs: 5_000 });
    const outer = failure("no", { cause: error });
    expect(read(outer)?.retryAfterMs).toBe(5_000);
  });

  it("say that the account is used up if none was refused", () => {
    const broke = failure("no", { code: "insufficient_quota" });
    expect(read(new AggregateError([broken(500), broke]))?.isUsedUp).toBe(true);
    expect(read(new AggregateError([refused(1), broke]))?.limited).toBe(true);
  });

  it("have the status that blames the server most, if each has one", () => {
    expect(read(new AggregateError([broken(401), broken(404)]))?.status).toBe(
      404,
    );
    expect(read(new AggregateError([broken(401), broken(500)]))?.status).toBe(
      500,
    );
    expect(
      read(new AggregateError([broken(401), new Error("down")])),
    ).toBeUndefined();
  });

  it("count less than the last error of a client that tried again", () => {
    const errors = [refused(2), new Error("down")];
    const error = failure("no", { errors, lastError: errors[1] });
    expect(read(error)).toBeUndefined();
  });

  it("end where an error holds itself", () => {
    const error = new AggregateError([refused(2)]);
    error.errors.push(error);
    expect(read(error)?.retryAfterMs).toBe(2_000);
  });
});
