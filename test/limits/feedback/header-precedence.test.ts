import { describe, expect, it } from "vitest";
import { readFeedback } from "@/limits/feedback/read-feedback.js";

/** Our own clock: Tue, 27 Jan 2026 10:00:00 GMT. */
const NOW = 1_769_508_000_000;
const read = (error: unknown) => readFeedback(error, NOW);

describe("of several headers", () => {
  const retryAfter = { "Retry-After": "7" };
  const ietf = {
    RateLimit: '"a";r=1;t=2',
    "RateLimit-Policy": '"a";q=10;w=60',
  };
  const draft = { "RateLimit-Remaining": "3", "RateLimit-Reset": "4" };
  const legacy = { "X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "6" };
  const model = {
    "x-ratelimit-remaining-requests": "7",
    "x-ratelimit-reset-requests": "8s",
  };

  it.each<[object, object]>([
    [
      { ...retryAfter, ...ietf },
      { retryAfterMs: 7_000, remaining: 1, resetMs: 2_000 },
    ],
    [
      { ...ietf, ...draft, ...legacy, ...model },
      { remaining: 1, resetMs: 2_000 },
    ],
    [
      { ...draft, ...legacy, ...model },
      { remaining: 3, resetMs: 4_000 },
    ],
    [
      { ...legacy, ...model },
      { remaining: 5, resetMs: 6_000 },
    ],
    [model, { remaining: 7, resetMs: 8_000 }],
    [
      { RateLimit: "???", ...legacy },
      { remaining: 5, resetMs: 6_000 },
    ],
    // What says when goes before what only says how many.
    [
      { RateLimit: '"a";r=1', ...legacy },
      { remaining: 5, resetMs: 6_000 },
    ],
    [{ RateLimit: '"a";r=1', "X-RateLimit-Remaining": "5" }, { remaining: 1 }],
  ])("%j says %j", (given, said) => {
    const rate =
      "RateLimit-Policy" in given
        ? { rate: { limit: 10, intervalMs: 60_000 } }
        : {};
    expect(read({ status: 429, headers: given })).toEqual({
      limited: true,
      status: 429,
      ...said,
      ...rate,
    });
  });

  it("the declared rate stands, whoever says when it resets", () => {
    expect(
      read({
        headers: { "RateLimit-Policy": '"a";q=10;w=60', ...legacy },
      }),
    ).toEqual({
      limited: false,
      remaining: 5,
      resetMs: 6_000,
      rate: { limit: 10, intervalMs: 60_000 },
    });
  });

  it("dates count from the server's own Date, and else from our clock", () => {
    const date = "Tue, 27 Jan 2026 10:00:30 GMT";
    const dates = {
      "Retry-After": date,
      "X-RateLimit-Reset": "1769508060",
    };
    expect(read({ headers: dates })).toEqual({
      limited: false,
      retryAfterMs: 30_000,
      resetMs: 60_000,
    });
    expect(
      read({ headers: { ...dates, Date: "Tue, 27 Jan 2026 10:00:20 GMT" } }),
    ).toEqual({ limited: false, retryAfterMs: 10_000, resetMs: 40_000 });
    expect(
      read({ headers: { ...dates, Date: "2026-01-27T10:00:20Z" } }),
    ).toEqual({ limited: false, retryAfterMs: 30_000, resetMs: 60_000 });
  });
});
