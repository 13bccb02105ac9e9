import { describe, expect, it } from "vitest";
import { type Row, said } from "./said.js";

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
