import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { isModelRateLimit } from "@/langgraph/nested-errors.js";
import {
  type HttpFeedback,
  readFeedback,
} from "@/limits/feedback/read-feedback.js";

const NOW = 1_769_508_000_000;

function boom(): never {
  throw new Error("accessor");
}

/** Every operation on it throws. */
function rude(target: object = {}): object {
  return new Proxy(target, new Proxy({}, { get: () => boom }));
}

function revoked(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function expectSane(feedback: HttpFeedback | undefined): void {
  if (feedback === undefined) return;
  expect(typeof feedback.limited).toBe("boolean");
  const { status, retryAfterMs, remaining, resetMs, rate } = feedback;
  for (const [key, value] of Object.entries({
    status,
    retryAfterMs,
    remaining,
    resetMs,
    limit: rate?.limit,
    intervalMs: rate?.intervalMs,
  })) {
    if (value === undefined) continue;
    expect(Number.isFinite(value), key).toBe(true);
    // And no -0.
    expect(Object.is(Math.abs(value), value), key).toBe(true);
  }
  expect(Object.values(feedback)).not.toContain(undefined);
}

const names = fc.constantFrom(
  "Retry-After",
  "retry-after-ms",
  "x-ms-retry-after-ms",
  "date",
  "RateLimit",
  "RateLimit-Policy",
  "ratelimit-limit",
  "ratelimit-remaining",
  "RateLimit-Reset",
  "X-RateLimit-Remaining",
  "x-ratelimit-reset",
  "x-ratelimit-reset-after",
  "x-rate-limit-reset",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-reset-requests",
  "x-ratelimit-reset-tokens",
  "anthropic-ratelimit-tokens-remaining",
  "anthropic-ratelimit-tokens-reset",
);

/** Text that looks like a header's value, more or less. */
const values = fc.oneof(
  fc.string(),
  fc.double().map(String),
  fc.integer().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc
    .array(
      fc.constantFrom(
        '"a"',
        "a",
        ";r=",
        ";t=",
        ";q=",
        ";w=",
        ",",
        " ",
        "-",
        "0",
        "5",
        ".",
        "=",
        "limit=",
        "reset=",
        "1e9",
        "ms",
        "s",
        "m",
        "h",
        '"',
        "\\",
        ":",
      ),
      { maxLength: 20 },
    )
    .map((parts) => parts.join("")),
);

const junk = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  withSparseArray: true,
});

const headerSources = fc
  .array(fc.tuple(names, fc.oneof(values, values, junk)))
  .chain((pairs) =>
    fc.constantFrom<unknown>(
      Object.fromEntries(pairs),
      pairs,
      pairs.flat(),
      new Map(pairs),
      { get: (name: string) => new Map<string, unknown>(pairs).get(name) },
    ),
  );

/** What one field or another of an SDK's error holds. */
const said = fc.oneof(
  junk,
  fc.constantFrom<unknown>(
    "ThrottlingException",
    "insufficient_quota",
    "overloaded_error",
    "HTTP 429: retry after 3",
    "9".repeat(400),
    `{"retry_after": 1e999, "errors": [{"code": "THROTTLED"}]}`,
    `[{"retryDelay": {"seconds": "-1", "nanos": 1e300}}]`,
    { seconds: { low: -1 }, nanos: -5 },
    {
      cost: {
        requestedQueryCost: 5,
        throttleStatus: { restoreRate: 0, currentlyAvailable: 1 },
      },
    },
    { remaining: -1, reset: Number.NaN },
  ),
);

const status = fc.oneof(fc.constantFrom(429, 503, "429"), junk);

describe("an error from anywhere", () => {
  property.prop([junk], { numRuns: 500 })(
    "never makes the reader throw",
    (error) => expectSane(readFeedback(error, NOW)),
  );

  const anyError = fc.record(
    {
      status,
      statusCode: status,
      code: status,
      headers: fc.oneof(headerSources, junk),
      response: fc.oneof(
        junk,
        fc.record({ status, headers: fc.oneof(headerSources, junk) }),
      ),
      $metadata: junk,
      $response: junk,
      error: junk,
      lc_error_code: junk,
      rateLimitType: junk,
      retryAfterMs: junk,
      cause: fc.oneof(junk, fc.record({ status, headers: headerSources })),
      name: said,
      message: said,
      lastError: said,
      errors: fc.oneof(said, fc.array(said)),
      graphQLErrors: fc.array(said),
      extensions: said,
      details: fc.oneof(said, fc.array(said)),
      parameters: said,
      data: said,
      body: said,
      responseBody: said,
      responseHeaders: said,
      metadata: said,
      meta: fc.record({ statusCode: status, headers: said, body: said }),
      $retryable: fc.record({ throttling: said }),
      retryDelay: said,
      retryAfter: fc.oneof(said, fc.double()),
      retry_after: fc.oneof(said, fc.double()),
      rateLimit: said,
    },
    { requiredKeys: [] },
  );

  property.prop([anyError, fc.oneof(fc.constant(NOW), fc.double())], {
    numRuns: 1_000,
  })("gives finite numbers of at least 0 and nothing else", (error, date) => {
    expectSane(readFeedback(error, date, { isModelRateLimit }));
  });

  property.prop([headerSources], { numRuns: 1_000 })(
    "with headers from anywhere gives finite numbers of at least 0",
    (headers) => expectSane(readFeedback({ status: 429, headers }, NOW)),
  );

  it.each<[string, () => unknown]>([
    ["a rude Proxy", () => rude()],
    ["a revoked Proxy", () => revoked()],
    ["a Proxy for a function", () => rude(() => 0)],
    [
      "accessors that throw",
      () => ({
        get status() {
          return boom();
        },
        get cause() {
          return boom();
        },
      }),
    ],
    [
      "inherited accessors that throw",
      () =>
        Object.create({
          get headers() {
            return boom();
          },
          get response() {
            return boom();
          },
        }),
    ],
  ])("says nothing when it is %s", (_, build) => {
    expect(readFeedback(build(), NOW)).toBeUndefined();
  });

  it.each<[string, () => object]>([
    ["headers", () => ({ headers: rude() })],
    ["revoked headers", () => ({ headers: revoked([]) })],
    ["headers in a rude array", () => ({ headers: rude([]) })],
    ["rude pairs", () => ({ headers: [rude([]), revoked([]), rude()] })],
    ["a rude value", () => ({ headers: { "retry-after": rude([]) } })],
    ["a rude Map", () => ({ headers: rude(new Map()) })],
    ["a `get` that throws", () => ({ headers: { get: boom } })],
    [
      "a `get` that gives what is rude",
      () => ({ headers: { get: () => rude([]) } }),
    ],
    [
      "a `get` behind an accessor that throws",
      () => ({
        headers: {
          get get() {
            return boom();
          },
        },
      }),
    ],
    ["a response", () => ({ response: rude() })],
    ["an AWS response", () => ({ $response: revoked(), $metadata: rude() })],
    ["a body", () => ({ error: rude() })],
    ["a cause", () => ({ cause: rude() })],
    ["a code", () => ({ code: rude() })],
    ["a name and a text", () => ({ name: rude(), message: revoked() })],
    ["errors", () => ({ errors: rude([]), graphQLErrors: revoked([]) })],
    ["rude errors", () => ({ errors: [rude(), revoked([]), rude([])] })],
    [
      "parts of a body",
      () => ({ data: rude(), meta: revoked(), body: rude() }),
    ],
    ["a wait", () => ({ retryAfter: rude(), retryDelay: revoked() })],
    ["a quota", () => ({ rateLimit: rude(), metadata: rude() })],
    ["a last error", () => ({ lastError: rude() })],
  ])("keeps its status beside %s that can't be read", (_, fields) => {
    const error = Object.defineProperties(
      { status: 429 },
      Object.getOwnPropertyDescriptors(fields()),
    );
    expect(readFeedback(error, NOW)).toEqual({ limited: true, status: 429 });
  });

  it("keeps the headers beside one that throws", () => {
    const object = Object.defineProperty({ "Retry-After": "7" }, "date", {
      enumerable: true,
      get: boom,
    });
    const pairs = [
      ["date", rude([])],
      ["Retry-After", "7"],
    ];
    for (const headers of [object, pairs]) {
      expect(readFeedback({ headers }, NOW)?.retryAfterMs).toBe(7_000);
    }
  });

  it("has each of its accessors run once", () => {
    const log: string[] = [];
    const spy = (name: string, fields: object): object =>
      new Proxy(fields, {
        get(target, key) {
          log.push(`${name}.${String(key)}`);
          return Reflect.get(target, key);
        },
      });
    const error: Record<string, unknown> = {
      headers: spy("headers", { "Retry-After": "7", RateLimit: '"a";r=1' }),
    };
    error["cause"] = spy("error", error);
    readFeedback(error["cause"], NOW);
    const twice = log.filter((entry, at) => log.indexOf(entry) !== at);
    expect(twice.filter((entry) => entry.startsWith("headers."))).toEqual([]);
    expect(twice.filter((entry) => entry === "error.status")).toEqual([]);
    expect(log).toContain("headers.RateLimit");
    expect(log).toContain("error.status");
  });

  it("is read in bounded time, however much there is of it", () => {
    const endless = (): object =>
      new Proxy(
        {},
        { get: (_, key) => (key === "message" ? huge : endless()) },
      );
    const huge = "HTTP ".repeat(2_000_000);
    const json = `{"a":"${"x".repeat(5_000_000)}"}`;
    const cycle: Record<string, unknown> = { message: huge, body: json };
    for (const key of ["error", "data", "response", "cause", "errors"]) {
      cycle[key] = cycle;
    }
    const many = new AggregateError(
      Array.from({ length: 100_000 }, () => new Error(huge)),
    );
    const from = performance.now();
    for (const error of [endless(), cycle, many, huge, { cause: huge }]) {
      expect(readFeedback(error, NOW)?.limited).not.toBe(true);
    }
    // A hundred times what it takes.
    expect(performance.now() - from).toBeLessThan(5_000);
  });

  it("ends when its headers don't", () => {
    const forever = Object.assign(new Map<string, string>(), {
      *[Symbol.iterator]() {
        for (;;) yield ["retry-after", "7"];
      },
    });
    const bytes = Object.assign(new Uint8Array([55]), {
      *[Symbol.iterator]() {
        for (;;) yield 55;
      },
    });
    const array = new Proxy([], {
      get: (_, key) => (key === "length" ? Infinity : undefined),
    });
    expect(readFeedback({ headers: forever }, NOW)?.retryAfterMs).toBe(7_000);
    expect(
      readFeedback({ headers: { "retry-after": bytes } }, NOW)?.retryAfterMs,
    ).toBe(7_000);
    expect(readFeedback({ headers: array }, NOW)).toBeUndefined();
    expect(
      readFeedback({ headers: { "retry-after": array } }, NOW),
    ).toBeUndefined();
    expect(readFeedback({ headers: Array(2 ** 32 - 1) }, NOW)).toBeUndefined();
  });
});
