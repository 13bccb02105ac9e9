import { describe, expect, it } from "vitest";
import { readFeedback } from "@/limits/feedback/read-feedback.js";

/** Tue, 27 Jan 2026 10:00:00 GMT. */
const NOW = 1_769_508_000_000;

type Row = readonly [headers: Record<string, string>, said: object];

/** What headers say on their own; they never make a call a limited one. */
function said(headers: Record<string, string>): object | undefined {
  const feedback = readFeedback({ headers }, NOW);
  if (feedback === undefined) return undefined;
  const { limited, ...rest } = feedback;
  expect(limited).toBe(false);
  return rest;
}

const rate = (limit: number, seconds: number) => ({
  rate: { limit, intervalMs: seconds * 1_000 },
});

describe("Retry-After", () => {
  it.each<Row>([
    [{ "Retry-After": "120" }, { retryAfterMs: 120_000 }],
    [{ "Retry-After": "0" }, { retryAfterMs: 0 }],
    [{ "Retry-After": "1.5" }, { retryAfterMs: 1_500 }],
    // 2.007 * 1000 is 2007.0000000000002.
    [{ "Retry-After": "2.007" }, { retryAfterMs: 2_007 }],
    [{ "Retry-After": "0.0004" }, { retryAfterMs: 1 }],
    [
      { "Retry-After": "Tue, 27 Jan 2026 10:00:30 GMT" },
      { retryAfterMs: 30_000 },
    ],
    [
      { "Retry-After": "Tuesday, 27-Jan-26 10:00:30 GMT" },
      { retryAfterMs: 30_000 },
    ],
    [{ "Retry-After": "Tue Jan 27 10:00:30 2026" }, { retryAfterMs: 30_000 }],
    [{ "Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT" }, { retryAfterMs: 0 }],
    [{ "Retry-After": "3", "retry-after-ms": "2617" }, { retryAfterMs: 2_617 }],
    [{ "Retry-After": "3", "x-ms-retry-after-ms": "12" }, { retryAfterMs: 12 }],
    [
      { "retry-after-ms": "1", "x-ms-retry-after-ms": "2" },
      { retryAfterMs: 1 },
    ],
    [{ "Retry-After": "3", "retry-after-ms": "-5" }, { retryAfterMs: 3_000 }],
    [{ "Retry-After": "31622400" }, { retryAfterMs: 31_622_400_000 }],
  ])("%j", (headers, expected) => {
    expect(said(headers)).toEqual(expected);
  });

  it.each([
    "-1",
    "1e3",
    "1,5",
    "5, 7",
    "soon",
    "NaN",
    "31622401",
    "1769508030",
    "2026-01-27T10:00:30Z",
    "Wed, 27 Jan 2038 10:00:30 GMT",
  ])("is ignored when it is %s", (value) => {
    expect(said({ "Retry-After": value })).toBeUndefined();
  });
});

describe("RateLimit and RateLimit-Policy", () => {
  it.each<Row>([
    [{ RateLimit: '"default";r=50;t=30' }, { remaining: 50, resetMs: 30_000 }],
    [{ RateLimit: "default;r=50;t=30" }, { remaining: 50, resetMs: 30_000 }],
    [{ RateLimit: '"a";r=0' }, { remaining: 0 }],
    // express-rate-limit, standardHeaders: "draft-8"
    [
      {
        RateLimit: '"100-in-1min"; r=0; t=42',
        "RateLimit-Policy": '"100-in-1min"; q=100; w=60; pk=:YmJi:',
      },
      { remaining: 0, resetMs: 42_000, ...rate(100, 60) },
    ],
    // The smallest r binds, then the largest t.
    [
      {
        RateLimit: '"minute";r=5;t=1, "hour";r=0;t=12, "day";r=0;t=99, "b";r=0',
        "RateLimit-Policy":
          '"minute";q=10;w=60,"hour";q=100;w=3600 , "day";q=500;w=86400',
      },
      { remaining: 0, resetMs: 99_000, ...rate(500, 86_400) },
    ],
    [
      {
        RateLimit: '"a\\"b\\\\";r=1;t=2',
        "RateLimit-Policy": '"a\\"b\\\\";q=3;w=4',
      },
      { remaining: 1, resetMs: 2_000, ...rate(3, 4) },
    ],
    [
      { RateLimit: '"a";r=5;t=60, "b";r=2;t=3' },
      { remaining: 2, resetMs: 3_000 },
    ],
    // An early name of the unit.
    [
      {
        RateLimit: '"a";r=5;t=6',
        "RateLimit-Policy": '"a";q=7;w=8;qu="request"',
      },
      { remaining: 5, resetMs: 6_000, ...rate(7, 8) },
    ],
    // No policy of that name, no window, no quota.
    [
      { RateLimit: '"a";r=1;t=2', "RateLimit-Policy": '"b";q=3;w=4' },
      { remaining: 1, resetMs: 2_000 },
    ],
    [
      { RateLimit: '"a";r=1;t=2', "RateLimit-Policy": '"a";q=3' },
      { remaining: 1, resetMs: 2_000 },
    ],
    [
      { RateLimit: '"a";r=1;t=2', "RateLimit-Policy": '"a";q=0;w=5' },
      { remaining: 1, resetMs: 2_000 },
    ],
    [
      { RateLimit: '"a";r=1;t=2', "RateLimit-Policy": '"a";q=5;w=0' },
      { remaining: 1, resetMs: 2_000 },
    ],
    // Bytes that are left say nothing of calls; none left says all.
    [
      {
        RateLimit: '"bytes";r=3;t=9, "calls";r=20;t=5',
        "RateLimit-Policy":
          '"bytes";q=100;w=60;qu="content-bytes", "calls";q=50;w=10;qu="requests"',
      },
      { remaining: 20, resetMs: 5_000, ...rate(50, 10) },
    ],
    [
      {
        RateLimit: '"bytes";r=0;t=9, "calls";r=20;t=5',
        "RateLimit-Policy":
          '"bytes";q=100;w=60;qu="content-bytes", "calls";q=50;w=10',
      },
      { remaining: 0, resetMs: 9_000 },
    ],
    // Hugging Face: a policy that is no structured field.
    [
      {
        RateLimit: '"api";r=0;t=55',
        "RateLimit-Policy": '"fixed window";"api";q=500;w=300',
      },
      { remaining: 0, resetMs: 55_000 },
    ],
    [
      { RateLimit: '"a";r=-1;t=2, "b";r=7;t=3' },
      { remaining: 7, resetMs: 3_000 },
    ],
    [{ RateLimit: '"a";r=0;t=-2' }, { remaining: 0 }],
    [{ RateLimit: '"a";r=0;t=999999999' }, { remaining: 0 }],
    [{ RateLimit: '"a";r=-0;t=-0' }, { remaining: 0, resetMs: 0 }],
    [{ "RateLimit-Policy": '"a";q=10;w=1' }, rate(10, 1)],
  ])("%j", (headers, expected) => {
    expect(said(headers)).toEqual(expected);
  });

  it.each([
    "",
    '"a"',
    '"a";t=5',
    '"a";r="5"',
    '"a";r=5;t=1,',
    '"a;r=5;t=1',
    '"a";r=5;t',
    "limit",
  ])("says at most what is well-formed: %j", (value) => {
    const expected = value === '"a";r=5;t' ? { remaining: 5 } : undefined;
    expect(said({ RateLimit: value })).toEqual(expected);
  });

  it("leave the rate open when several policies might hold", () => {
    expect(
      said({ "RateLimit-Policy": '"a";q=10;w=1, "b";q=100;w=60' }),
    ).toBeUndefined();
  });
});

describe("RateLimit in its drafts", () => {
  it.each<Row>([
    // 07, as express-rate-limit's standardHeaders: "draft-7"
    [
      {
        RateLimit: "limit=100, remaining=0, reset=5",
        "RateLimit-Policy": "100;w=60",
      },
      { remaining: 0, resetMs: 5_000, ...rate(100, 60) },
    ],
    [{ RateLimit: "limit=100,remaining=7" }, { remaining: 7 }],
    [
      {
        RateLimit: "limit=10, remaining=0, reset=1",
        "RateLimit-Policy": "10;w=1, 50;w=60",
      },
      { remaining: 0, resetMs: 1_000, ...rate(10, 1) },
    ],
    // 00 to 06
    [
      {
        "RateLimit-Limit": "100, 100;w=60",
        "RateLimit-Remaining": "9",
        "RateLimit-Reset": "50",
      },
      { remaining: 9, resetMs: 50_000, ...rate(100, 60) },
    ],
    [
      {
        "RateLimit-Limit": '5000, 1000;w=3600, 5000;w=86400;comment="a day"',
        "RateLimit-Remaining": "0",
      },
      { remaining: 0, ...rate(5_000, 86_400) },
    ],
    [
      {
        "RateLimit-Limit": "10, 1000;w=3600, 5000;w=86400",
        "RateLimit-Reset": "5",
      },
      { resetMs: 5_000 },
    ],
    // Docker Hub
    [
      { "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "76;w=21600" },
      { remaining: 76, ...rate(100, 21_600) },
    ],
    // GitLab
    [
      {
        "RateLimit-Limit": "60",
        "RateLimit-Observed": "67",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": "1769508030",
        "RateLimit-ResetTime": "Tue, 27 Jan 2026 10:00:30 GMT",
      },
      { remaining: 0, resetMs: 30_000 },
    ],
    [
      { "RateLimit-Remaining": "-1", "RateLimit-Reset": "5" },
      { resetMs: 5_000 },
    ],
  ])("%j", (headers, expected) => {
    expect(said(headers)).toEqual(expected);
  });
});

describe("X-RateLimit", () => {
  it.each<Row>([
    // GitHub
    [
      {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "1769508060",
      },
      { remaining: 0, resetMs: 60_000 },
    ],
    // Discord
    [
      {
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1769508099.123",
        "X-RateLimit-Reset-After": "1.25",
      },
      { remaining: 0, resetMs: 1_250 },
    ],
    [
      { "X-RateLimit-Reset": "5", "X-RateLimit-Reset-After": "-1" },
      { resetMs: 5_000 },
    ],
    // Reddit
    [
      { "x-ratelimit-remaining": "99.0", "x-ratelimit-reset": "212" },
      { remaining: 99, resetMs: 212_000 },
    ],
    [
      { "x-ratelimit-remaining": "9".repeat(400), "x-ratelimit-reset": "5" },
      { resetMs: 5_000 },
    ],
    [{ "x-ratelimit-remaining": "0.7" }, { remaining: 0 }],
    // OpenRouter
    [
      { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1769508060000" },
      { remaining: 0, resetMs: 60_000 },
    ],
    [
      { "X-Rate-Limit-Remaining": "3", "X-Rate-Limit-Reset": "1769508001" },
      { remaining: 3, resetMs: 1_000 },
    ],
    [{ "X-RateLimit-Reset": "2026-01-27T10:01:00Z" }, { resetMs: 60_000 }],
    [
      { "X-RateLimit-Reset": "Tue, 27 Jan 2026 10:01:00 GMT" },
      { resetMs: 60_000 },
    ],
    [
      { "X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "tomorrow" },
      { remaining: 5 },
    ],
  ])("%j", (headers, expected) => {
    expect(said(headers)).toEqual(expected);
  });

  it("is ignored when nothing of it can be read", () => {
    expect(
      said({
        "X-RateLimit-Limit": "100",
        "X-RateLimit-Remaining": "-1",
        "X-RateLimit-Reset":
          "Tue Feb 16 2021 09:02:42 GMT+0100 (Central European Standard Time)",
        "X-RateLimit-Reset-After": "1e999",
      }),
    ).toBeUndefined();
  });
});

describe("the quotas of a model", () => {
  const openAi = (
    requests: readonly [string, string],
    tokens: readonly [string, string],
  ) => ({
    "x-ratelimit-remaining-requests": requests[0],
    "x-ratelimit-reset-requests": requests[1],
    "x-ratelimit-remaining-tokens": tokens[0],
    "x-ratelimit-reset-tokens": tokens[1],
  });

  it.each<Row>([
    [
      openAi(["59", "1s"], ["149984", "6m0s"]),
      { remaining: 59, resetMs: 1_000 },
    ],
    [openAi(["59", "1s"], ["0", "6m0s"]), { remaining: 0, resetMs: 360_000 }],
    [
      openAi(["0", "1h2m3s"], ["5", "20ms"]),
      { remaining: 0, resetMs: 3_723_000 },
    ],
    [openAi(["0", "20ms"], ["0", "1.5s"]), { remaining: 0, resetMs: 1_500 }],
    [
      {
        "x-ratelimit-reset-requests": "1m30.951s",
        "x-ratelimit-reset-tokens": "7.66s",
      },
      { resetMs: 7_660 },
    ],
    [
      { "x-ratelimit-remaining-tokens": "9", "x-ratelimit-reset-tokens": "2s" },
      { resetMs: 2_000 },
    ],
    // Azure: bare seconds
    [
      { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "12" },
      { remaining: 0, resetMs: 12_000 },
    ],
    // Azure: no quota of tokens
    [openAi(["3", "1s"], ["-1", "0"]), { remaining: 3, resetMs: 1_000 }],
    [openAi(["0", "soon"], ["7", "1s"]), { remaining: 0 }],
    [
      {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "2026-01-27T10:00:01Z",
        "anthropic-ratelimit-tokens-remaining": "8000",
        "anthropic-ratelimit-tokens-reset": "2026-01-27T10:00:02Z",
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-01-27T10:00:41Z",
        "anthropic-ratelimit-output-tokens-remaining": "8000",
        "anthropic-ratelimit-output-tokens-reset": "2026-01-27T10:00:03Z",
      },
      { remaining: 0, resetMs: 41_000 },
    ],
    [
      {
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": "2026-01-27T10:00:03Z",
        "anthropic-ratelimit-tokens-remaining": "0",
        "anthropic-ratelimit-tokens-reset": "2026-01-27T10:00:02Z",
      },
      { remaining: 0, resetMs: 3_000 },
    ],
    [
      {
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "2026-01-27T10:00:09Z",
        "anthropic-ratelimit-tokens-remaining": "8000",
        "anthropic-ratelimit-tokens-reset": "2026-01-27T10:00:02Z",
      },
      { remaining: 49, resetMs: 9_000 },
    ],
  ])("%j", (headers, expected) => {
    expect(said(headers)).toEqual(expected);
  });

  it("are ignored when they say that there are none", () => {
    expect(
      said({
        "x-ratelimit-limit-tokens": "-1",
        "x-ratelimit-remaining-tokens": "-1",
        "x-ratelimit-reset-tokens": "0",
      }),
    ).toBeUndefined();
  });
});
