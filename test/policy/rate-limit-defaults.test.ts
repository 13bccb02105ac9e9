import { describe, expect, test } from "vitest";
import { readRateLimit } from "@/policy/rate-limit.js";

function jitterOf(options: object): number {
  const read = readRateLimit("rateLimit", { limit: 100, ...options });
  return (Array.isArray(read) ? read[0] : read).jitterMs as number;
}

describe("the jitter of a rate limit", () => {
  test.each([
    [50, 10],
    [100, 10],
    [500, 10],
    [1_000, 20],
    [3_000, 60],
    [60_000, 100],
  ])(
    "is by default 2%% of a window, 10 to 100 ms: %d",
    (intervalMs, jitterMs) => {
      expect(jitterOf({ intervalMs })).toBe(jitterMs);
    },
  );

  test.each([
    [1, 1_000],
    [2, 1_000],
    [5, 1_000],
    [1, 60_000],
  ])(
    "leaves a bucket of %d at least 90%% of its rate, %d ms",
    (burst, intervalMs) => {
      const limit = 100;
      const jitterMs = jitterOf({
        intervalMs,
        algorithm: "token-bucket",
        burst,
      });
      const flowsIn = (jitterMs * limit) / intervalMs;
      expect(
        1 / (1 + Math.max(0, flowsIn - (burst - 1))),
      ).toBeGreaterThanOrEqual(0.9);
      expect(jitterMs).toBeGreaterThan(0);
    },
  );

  test.each([
    [1_000, 10],
    [500, 5],
    [200, 4],
    [100, 2],
  ])(
    "leaves a bucket of %d a second and a burst of %d room for late timers",
    (limit, burst) => {
      const jitterMs = jitterOf({
        limit,
        intervalMs: 1_000,
        algorithm: "token-bucket",
        burst,
      });
      const left = burst - (jitterMs * limit) / 1_000;
      // Timers have whole milliseconds, and may be late by one more.
      expect(left).toBeGreaterThanOrEqual(1 + (2 * limit) / 1_000);
    },
  );

  test("is what it is given", () => {
    expect(jitterOf({ intervalMs: 50, jitterMs: 0 })).toBe(0);
  });
});
