import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { SlidingWindow } from "@/limits/sliding-window.js";
import { TokenBucket } from "@/limits/token-bucket.js";

/** Takes tokens as early as the limiter lets it, after given pauses. */
function take(
  limiter: SlidingWindow | TokenBucket,
  demands: readonly { pauseMs: number; cost: number }[],
) {
  let now = 0;
  return demands.map(({ pauseMs, cost }) => {
    now = Math.ceil(limiter.readyAt(cost, now + pauseMs));
    limiter.take(cost, now);
    return { at: now, cost };
  });
}

const demands = (most: number) =>
  fc.array(
    fc.record({
      pauseMs: fc.oneof(fc.constant(0), fc.nat({ max: 50 })),
      cost: fc.integer({ min: 1, max: most }),
    }),
    { maxLength: 60 },
  );

/** What share of the jitter each request is late by. */
const delays = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 7 })
  .map((shares) => (i: number) => shares[i % shares.length] as number);

/** The same tokens, as a server sees them arrive. */
function arrivals(
  taken: ReturnType<typeof take>,
  lateBy: (i: number) => number,
) {
  return taken.map(({ at, cost }, i) => ({ at: at + lateBy(i), cost }));
}

describe("a sliding window", () => {
  property.prop(
    [
      fc.integer({ min: 3, max: 8 }),
      fc.integer({ min: 1, max: 90 }),
      demands(3),
    ],
    {
      numRuns: 1_000,
    },
  )(
    "is not exceeded in any window, wherever it begins",
    (limit, intervalMs, wanted) => {
      const taken = take(new SlidingWindow({ limit, intervalMs }), wanted);
      for (const { at: from } of taken) {
        const used = taken
          .filter(({ at }) => at >= from && at < from + intervalMs)
          .reduce((sum, { cost }) => sum + cost, 0);
        expect(used).toBeLessThanOrEqual(limit);
      }
    },
  );

  property.prop(
    [
      fc.integer({ min: 3, max: 8 }),
      fc.integer({ min: 1, max: 90 }),
      demands(3),
    ],
    {
      numRuns: 1_000,
    },
  )(
    "gives tokens as early as the window allows",
    (limit, intervalMs, wanted) => {
      const taken = take(new SlidingWindow({ limit, intervalMs }), wanted);
      let asked = 0;
      taken.forEach(({ at, cost }, i) => {
        asked += wanted[i]?.pauseMs ?? 0;
        if (at > asked) {
          // One millisecond earlier there was no room.
          const used = taken
            .slice(0, i)
            .filter((earlier) => earlier.at > at - 1 - intervalMs)
            .reduce((sum, earlier) => sum + earlier.cost, 0);
          expect(used + cost).toBeGreaterThan(limit);
        }
        asked = at;
      });
    },
  );

  property.prop(
    [
      fc.integer({ min: 3, max: 8 }),
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 0, max: 20 }),
      demands(3),
      delays,
    ],
    { numRuns: 1_000 },
  )(
    "is not exceeded where requests arrive late by up to the jitter",
    (limit, intervalMs, jitterMs, wanted, delay) => {
      const taken = arrivals(
        take(new SlidingWindow({ limit, intervalMs, jitterMs }), wanted),
        (i) => delay(i) * jitterMs,
      );
      for (const { at: from } of taken) {
        const used = taken
          .filter(({ at }) => at >= from && at < from + intervalMs)
          .reduce((sum, { cost }) => sum + cost, 0);
        expect(used).toBeLessThanOrEqual(limit);
      }
    },
  );

  test("lets the next token in exactly when the oldest leaves", () => {
    const window = new SlidingWindow({ limit: 2, intervalMs: 100 });
    window.take(1, 0);
    window.take(1, 30);
    expect(window.readyAt(1, 40)).toBe(100);
    expect(window.readyAt(2, 40)).toBe(130);
    expect(window.readyAt(1, 100)).toBe(100);
  });

  test("never has room for more than its limit", () => {
    const window = new SlidingWindow({ limit: 3, intervalMs: 10 });
    window.take(1, 0);
    expect(window.readyAt(3, 0)).toBe(10);
    expect(window.readyAt(4, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test("counts tokens that are taken at one instant together", () => {
    const window = new SlidingWindow({ limit: 3, intervalMs: 10 });
    window.take(1, 5);
    window.take(2, 5);
    expect(window.readyAt(1, 5)).toBe(15);
    expect(window.readyAt(3, 15)).toBe(15);
  });
});

describe("a token bucket", () => {
  property.prop(
    [
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 3, max: 9 }),
      demands(3),
    ],
    { numRuns: 1_000 },
  )(
    "gives no more than burst + rate * time in any span",
    (limit, intervalMs, burst, wanted) => {
      const bucket = new TokenBucket({ limit, intervalMs, burst });
      const taken = take(bucket, wanted);
      taken.forEach(({ at: from }, i) => {
        let used = 0;
        for (const { at, cost } of taken.slice(i)) {
          used += cost;
          expect(used).toBeLessThanOrEqual(
            burst + ((at - from) * limit) / intervalMs + 1e-9,
          );
        }
      });
    },
  );

  property.prop(
    [
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 3, max: 9 }),
      fc.integer({ min: 0, max: 40 }),
      demands(3),
      delays,
    ],
    { numRuns: 1_000 },
  )(
    "gives no more where requests arrive late by up to the jitter",
    (limit, intervalMs, burst, jitterMs, wanted, delay) => {
      const bucket = new TokenBucket({ limit, intervalMs, burst, jitterMs });
      const taken = arrivals(
        take(bucket, wanted),
        (i) => delay(i) * jitterMs,
      ).toSorted((a, b) => a.at - b.at);
      taken.forEach(({ at: from }, i) => {
        let used = 0;
        for (const { at, cost } of taken.slice(i)) {
          used += cost;
          expect(used).toBeLessThanOrEqual(
            burst + ((at - from) * limit) / intervalMs + 1e-9,
          );
        }
      });
    },
  );

  test("keeps to the rate when the burst is smaller than the jitter", () => {
    const bucket = new TokenBucket({
      limit: 10,
      intervalMs: 1_000,
      burst: 1,
      jitterMs: 20,
    });
    bucket.take(1, 0);
    expect(bucket.readyAt(1, 0)).toBe(120);
    bucket.take(1, 120);
    expect(bucket.readyAt(1, 120)).toBe(240);
  });

  test("starts full, refills at its rate and holds no more than its burst", () => {
    const bucket = new TokenBucket({ limit: 10, intervalMs: 1_000, burst: 3 });
    bucket.take(3, 0);
    expect(bucket.readyAt(1, 0)).toBe(100);
    expect(bucket.readyAt(3, 0)).toBe(300);
    expect(bucket.readyAt(3, 10_000)).toBe(10_000);
    bucket.take(3, 10_000);
    expect(bucket.readyAt(1, 10_000)).toBe(10_100);
  });

  test("adds up without rounding errors over a million tokens", () => {
    const bucket = new TokenBucket({ limit: 3, intervalMs: 1_000, burst: 1 });
    let now = 0;
    for (let i = 0; i < 999_999; i += 1) {
      now = bucket.readyAt(1, now);
      bucket.take(1, now);
    }
    expect(bucket.readyAt(1, 0)).toBeCloseTo((999_999 / 3) * 1_000, 3);
  });
});
