import { describe, expect, it } from "vitest";
import { type Row, said } from "./said.js";

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
