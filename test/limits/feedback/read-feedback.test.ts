import { createRequire } from "node:module";
import { ContextOverflowError } from "@langchain/core/errors";
import { AsyncCaller } from "@langchain/core/utils/async_caller";
import { describe, expect, it } from "vitest";
import { isModelRateLimit } from "@/langgraph/nested-errors.js";
import { readFeedback } from "@/limits/feedback/read-feedback.js";

/** Our own clock: Tue, 27 Jan 2026 10:00:00 GMT. */
const NOW = 1_769_508_000_000;
const read = (error: unknown) => readFeedback(error, NOW, { isModelRateLimit });

const headers = { "Retry-After": "7" };
const limited = { limited: true, status: 429, retryAfterMs: 7_000 };

/** An `Error` with fields, as most libraries build them. */
function failure(fields: object, cause?: unknown): Error {
  return Object.assign(new Error("failed", { cause }), fields);
}

interface OpenAi {
  RateLimitError: new (
    status: number,
    error: object | undefined,
    message: string | undefined,
    headers: Headers,
  ) => Error;
}

/** The SDK that `@langchain/openai` itself loads. */
function loadOpenAi(): OpenAi {
  const require = createRequire(import.meta.url);
  return createRequire(require.resolve("@langchain/openai"))("openai");
}

describe("an error's HTTP response", () => {
  it.each<[string, unknown]>([
    ["on a plain object", { status: 429, headers }],
    ["with the status as text", { status: "429", headers }],
    ["as a fetch Response that was thrown", response()],
    ["on an octokit error", failure({ status: 429, response: { headers } })],
    ["on a ky error", failure({ response: response() })],
    ["on an ofetch error", failure({ statusCode: 429, response: response() })],
    ["on a got error", failure({ response: { statusCode: 429, headers } })],
    [
      "on an axios error",
      failure({
        code: "ERR_BAD_REQUEST",
        response: { status: 429, headers: new AxiosHeaders(headers) },
      }),
    ],
    [
      "on a gaxios error",
      failure({ code: "429", response: { status: 429, headers } }),
    ],
    ["on an error with nothing but a code", failure({ code: 429, headers })],
    [
      "on an error of the AWS SDK",
      failure({
        $metadata: { httpStatusCode: 429 },
        $response: { statusCode: 429, headers },
      }),
    ],
    ["on AWS metadata alone", { $metadata: { httpStatusCode: 429 }, headers }],
    ["on an AWS response alone", { $response: { statusCode: 429, headers } }],
    ["on a cause", failure({}, failure({ status: 429, headers }))],
    ["on the fortieth cause", nested(40)],
    ["on an error of an AggregateError", new AggregateError([nested(0)])],
    ["on a cause of one of its errors", new AggregateError([1, nested(6)])],
    ["on a last error", failure({ lastError: nested(0) })],
    ["on an AI SDK error", { statusCode: 429, responseHeaders: headers }],
    ["on Elasticsearch's meta", { meta: { statusCode: 429, headers } }],
    [
      "with the status outside and the headers inside",
      failure({ status: 429 }, failure({ response: { headers } })),
    ],
    [
      "with the same status on both",
      failure({ status: 429 }, failure({ status: 429, headers })),
    ],
    [
      "behind accessors of its class",
      new (class {
        get status() {
          return 429;
        }
        get headers() {
          return headers;
        }
      })(),
    ],
  ])("is found %s", (_, error) => {
    expect(read(error)).toEqual(limited);
  });

  it.each<[string, unknown]>([
    ["an ordinary error", new Error("boom")],
    ["an error with a text for a code", failure({ code: "ECONNRESET" })],
    ["a gRPC error", failure({ code: 8 })],
    ["an aborted call", new DOMException("aborted", "AbortError")],
    ["a code below 400", failure({ code: 399 })],
    ["a code above 599", failure({ code: 600 })],
    ["a status that is a word", { status: "error" }],
    ["a status with a sign", { status: "+429" }],
    ["a status that is no integer", { status: 429.5 }],
    ["a status out of range", { status: 99, statusCode: 600 }],
    ["headers without a word on limits", { headers: { accept: "*/*" } }],
    ["headers with junk", { headers: { "retry-after": "soon" } }],
    ["a cause behind sixty-four", nested(64)],
    ["the errors in a body", failure({ errors: [{ status: 429, headers }] })],
    ["a code of FTP", failure({ name: "FTPError", code: 503 })],
    ["code 8 of something else", failure({ code: 8, details: {} })],
    ["a delay that no AsyncCaller has set", { retryAfterMs: 5 }],
    ["a delay in a unit of its own", { retryAfter: 5 }],
    ["a string", "429"],
    ["undefined", undefined],
    ["null", null],
  ])("is not found in %s", (_, error) => {
    expect(read(error)).toBeUndefined();
  });

  it("is that of the outer error when a cause has another status", () => {
    const inner = failure({ status: 429, headers });
    expect(read(failure({ status: 500 }, inner))).toEqual({
      limited: false,
      status: 500,
    });
  });

  it("is found in a cause that is its own cause", () => {
    const inner = failure({ status: 429, headers });
    inner.cause = inner;
    expect(read(failure({}, inner))).toEqual(limited);
  });

  it.each([
    ["status", "statusCode"],
    ["statusCode", "response.status"],
  ])("has its status from %s before %s", (first) => {
    const error = { statusCode: 429, response: { status: 500 } };
    expect(
      read(first === "status" ? { ...error, status: 503 } : error)?.status,
    ).toBe(first === "status" ? 503 : 429);
  });
});

describe("a call is limited", () => {
  it.each([
    [420, true],
    [429, true],
    [430, true],
    [509, true],
    [200, false],
    [403, false],
    [500, false],
  ])("with status %i: %s", (status, expected) => {
    expect(read({ status })).toEqual({ status, limited: expected });
  });

  it.each([503, 529])("with status %i, which may have begun", (status) => {
    expect(read({ status })).toEqual({
      status,
      limited: true,
      isOverloaded: true,
    });
  });

  it.each<[object, object]>([
    [headers, { retryAfterMs: 7_000 }],
    [{ "x-ratelimit-remaining": "0" }, { remaining: 0 }],
  ])("with a 403 and %j", (said, expected) => {
    expect(read({ status: 403, headers: said })).toEqual({
      status: 403,
      limited: true,
      ...expected,
    });
  });

  it("not by headers alone", () => {
    expect(read({ headers })).toEqual({ limited: false, retryAfterMs: 7_000 });
  });

  it("by LangChain's verdict when there is no status", () => {
    const lc_error_code = "MODEL_RATE_LIMIT";
    expect(read(failure({ lc_error_code }))).toEqual({ limited: true });
    expect(read(failure({ lc_error_code, status: 500 }))?.limited).toBe(false);
    expect(read(failure({ lc_error_code: "MODEL_NOT_FOUND" }))).toBe(undefined);
  });

  it.each([
    { code: "insufficient_quota" },
    { error: { code: "insufficient_quota" } },
    { rateLimitType: "stop" },
  ])("not when the account's quota is used up: %j", (fields) => {
    expect(read({ status: 429, headers, ...fields })).toEqual({
      ...limited,
      limited: false,
      isUsedUp: true,
    });
    expect(read({ status: 429, cause: fields })?.limited).toBe(false);
  });
});

describe("an error of the OpenAI SDK", () => {
  const openAi = loadOpenAi();
  const build = (fields: object | undefined, init: Record<string, string>) =>
    new openAi.RateLimitError(429, fields, undefined, new Headers(init));

  it("tells its status, the exact delay and the quota that binds", () => {
    expect(
      read(
        build(
          { code: "rate_limit_exceeded", type: "tokens" },
          {
            "retry-after": "3",
            "retry-after-ms": "2617",
            "x-ratelimit-limit-requests": "500",
            "x-ratelimit-limit-tokens": "30000",
            "x-ratelimit-remaining-requests": "499",
            "x-ratelimit-remaining-tokens": "0",
            "x-ratelimit-reset-requests": "120ms",
            "x-ratelimit-reset-tokens": "1m2.617s",
          },
        ),
      ),
    ).toEqual({
      limited: true,
      status: 429,
      retryAfterMs: 2_617,
      remaining: 0,
      resetMs: 62_617,
    });
  });

  it("is not limited when the account's quota is used up", () => {
    expect(read(build({ code: "insufficient_quota" }, {}))).toEqual({
      limited: false,
      status: 429,
      isUsedUp: true,
    });
  });

  it("is read through LangChain's AsyncCaller, whatever that makes of it", async () => {
    const caller = new AsyncCaller({ maxRetries: 0 });
    const call = (error: Error) =>
      caller
        .call(() => Promise.reject(error))
        .catch((thrown: unknown) => thrown);
    const error = build({}, { "retry-after": "90" });
    expect(read(await call(error))).toEqual({
      limited: true,
      status: 429,
      retryAfterMs: 90_000,
    });
    const told = new openAi.RateLimitError(
      429,
      { message: "Please try again in 1.5s." },
      undefined,
      new Headers(),
    );
    expect(read(await call(told))).toEqual({
      limited: true,
      status: 429,
      retryAfterMs: 1_500,
    });
    const broke = build({ message: "You exceeded your current quota." }, {});
    expect(read(await call(broke))).toEqual({
      limited: false,
      status: 429,
      isUsedUp: true,
    });
  });

  it("is read through an error of LangChain that has it as its cause", () => {
    const error = build({}, { "retry-after": "7" });
    expect(read(ContextOverflowError.fromError(error))).toEqual(limited);
  });
});

function response(): Response {
  return new Response("slow down", { status: 429, headers });
}

/** A response under so many causes. */
function nested(causes: number): Error {
  return causes === 0
    ? failure({ status: 429, headers })
    : failure({}, nested(causes - 1));
}

/** As axios has it: names in any case, `null` for what is missing. */
class AxiosHeaders {
  readonly #values: Map<string, string>;

  constructor(values: Record<string, string>) {
    this.#values = new Map(
      Object.entries(values).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    );
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  toJSON(): object {
    return Object.fromEntries(this.#values);
  }
}
