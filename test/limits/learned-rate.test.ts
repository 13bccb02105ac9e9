import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { LearnedRate } from "@/limits/learned-rate.js";

/** Calls that go out at these times, all of which the server takes. */
function accepted(rate: LearnedRate, times: readonly number[]): void {
  for (const at of times) {
    rate.take(1, at);
    rate.accept(1);
  }
}

/** Milliseconds between two calls that go out as early as they may. */
function gapOf(rate: LearnedRate, now: number): number {
  // The first may be late; from then on each is due after the one before.
  rate.take(1, rate.readyAt(1, now));
  const first = rate.readyAt(1, now);
  rate.take(1, first);
  return rate.readyAt(1, first) - first;
}

const times = (count: number, from: number, stepMs: number) =>
  Array.from({ length: count }, (_, i) => from + i * stepMs);

describe("a learned rate", () => {
  test("is no limit until the server first refuses", () => {
    const rate = new LearnedRate();
    accepted(rate, times(1_000, 0, 0));
    expect(rate.readyAt(1, 0)).toBe(0);
    expect(gapOf(rate, 5)).toBe(0);
  });

  /** Ten calls in a second, then a refusal: one per 100 ms. */
  function learned(): LearnedRate {
    const rate = new LearnedRate();
    accepted(rate, times(10, 0, 10));
    rate.reject(1_000);
    return rate;
  }

  test("is what the server took before that, over the time that it took", () => {
    expect(gapOf(learned(), 1_000)).toBeCloseTo(100);
  });

  test("counts the time from the first call, not from the clock's beginning", () => {
    const rate = new LearnedRate();
    accepted(rate, times(10, 50_000, 10));
    rate.reject(51_000);
    expect(gapOf(rate, 51_000)).toBeCloseTo(100);
  });

  test("counts tokens and not calls", () => {
    const rate = new LearnedRate();
    rate.take(5, 0);
    rate.accept(5);
    rate.reject(1_000);
    expect(gapOf(rate, 1_000)).toBeCloseTo(200);
  });

  test("lets the first call after a refusal go at once, and the next a gap later", () => {
    const rate = learned();
    expect(rate.readyAt(1, 1_000)).toBe(1_000);
    rate.take(1, 1_000);
    expect(rate.readyAt(1, 1_000)).toBeCloseTo(1_100);
    rate.take(3, 1_100);
    expect(rate.readyAt(1, 1_100)).toBeCloseTo(1_400);
  });

  test("lets two calls go together after a while without any, and no more", () => {
    const rate = learned();
    rate.take(1, 9_000);
    expect(rate.readyAt(1, 9_000)).toBe(9_000);
    rate.take(1, 9_000);
    expect(rate.readyAt(1, 9_000)).toBeCloseTo(9_100);
  });

  test("is 95% of what the server took between two refusals, from the second one on", () => {
    const rate = learned();
    accepted(rate, times(8, 1_000, 125));
    rate.reject(2_000);
    expect(gapOf(rate, 2_000)).toBeCloseTo(125 / 0.95);
    accepted(rate, times(17, 2_000, 160));
    rate.reject(5_000);
    expect(gapOf(rate, 5_000)).toBeCloseTo(3_000 / 17 / 0.95);
  });

  /** A server that refuses each tenth call, however fast they come. */
  function refusedAtRandom(rate: LearnedRate, from: number, rounds: number) {
    let now = from;
    for (let round = 0; round < rounds; round += 1) {
      for (let call = 0; call < 9; call += 1) {
        now = rate.readyAt(1, now);
        rate.take(1, now);
        rate.accept(1);
      }
      rate.reject(now, undefined, 600);
      now += 600;
    }
    return now;
  }

  test("grows where a lower one makes refusals no rarer, since they are not about it", () => {
    const rate = learned();
    // The worst is assumed of the first refusals.
    const now = refusedAtRandom(rate, 1_000, 2);
    expect(gapOf(rate, now)).toBeGreaterThan(100);
    const later = refusedAtRandom(rate, now, 20);
    expect(gapOf(rate, later)).toBeLessThan(10);
  });

  test("is kept to again when many calls are refused", () => {
    const rate = learned();
    let now = refusedAtRandom(rate, 1_000, 24);
    const free = gapOf(rate, now);
    for (let round = 0; round < 12; round += 1) {
      for (let call = 0; call < 5; call += 1) {
        rate.take(1, now);
        rate.accept(1);
        now += 200;
      }
      rate.reject(now);
      rate.reject(now);
      rate.reject(now);
    }
    expect(gapOf(rate, now)).toBeGreaterThan(10 * free);
  });

  test("is kept to again when a server refuses most of what runs at once", () => {
    const rate = learned();
    let now = refusedAtRandom(rate, 1_000, 24);
    const free = gapOf(rate, now);
    for (let burst = 0; burst < 12; burst += 1) {
      for (let call = 0; call < 10; call += 1) {
        rate.take(1, now);
        rate.accept(1);
      }
      now += 200;
      rate.reject(now);
      for (let call = 0; call < 50; call += 1) rate.rejectAgain();
    }
    expect(gapOf(rate, now)).toBeGreaterThan(10 * free);
  });

  test("is old ten minutes after the last refusal, and forgotten then", () => {
    const rate = learned();
    expect(rate.isOld(601_000)).toBe(false);
    expect(rate.isOld(601_001)).toBe(true);
    rate.forget();
    expect(rate.isKnown).toBe(false);
    expect(rate.isOld(601_001)).toBe(false);
    expect(gapOf(rate, 601_001)).toBe(0);
  });

  test("is never more after a refusal than 95% of what it was", () => {
    const rate = learned();
    accepted(rate, times(50, 1_000, 0));
    rate.reject(2_000);
    expect(gapOf(rate, 2_000)).toBeCloseTo(100 / 1.005 ** 50 / 0.95);
  });

  test("is at least half of what it was, however little was taken", () => {
    const rate = learned();
    accepted(rate, times(5, 1_000, 100));
    rate.reject(100_000);
    expect(gapOf(rate, 100_000)).toBeCloseTo(200 / 1.005 ** 5);
  });

  test("is 90% of what it was while fewer than five calls measure too little", () => {
    const rate = learned();
    accepted(rate, times(4, 1_000, 100));
    rate.reject(9_000);
    expect(gapOf(rate, 9_000)).toBeCloseTo(100 / 1.005 ** 4 / 0.9);
    // They count on: the fifth is the one with which it's measured.
    accepted(rate, [9_500]);
    rate.reject(11_000);
    expect(gapOf(rate, 11_000)).toBeCloseTo(200 / 1.005 ** 5 / 0.9);
  });

  test("stays as it is after a refusal before which nothing was taken", () => {
    const rate = learned();
    for (const at of times(20, 1_100, 100)) {
      rate.take(1, at);
      rate.reject(at);
    }
    expect(gapOf(rate, 10_000)).toBeCloseTo(100);
  });

  test("grows by half a percent with each call that is taken", () => {
    const rate = learned();
    accepted(rate, times(139, 1_000, 1));
    expect(gapOf(rate, 100_000)).toBeCloseTo(100 / 1.005 ** 139);
    expect(100 / 1.005 ** 139).toBeLessThan(50.1);
  });

  test("begins with the rate that the server declares, and never exceeds it", () => {
    const rate = new LearnedRate();
    accepted(rate, times(1_000, 0, 0));
    rate.reject(10, 0.01);
    expect(gapOf(rate, 10)).toBeCloseTo(100);
    accepted(rate, times(500, 1_000, 100));
    expect(gapOf(rate, 100_000)).toBeCloseTo(100);
  });

  test("comes down to a rate that is declared later", () => {
    const rate = new LearnedRate();
    accepted(rate, times(100, 0, 10));
    rate.reject(1_000);
    accepted(rate, times(50, 1_000, 20));
    rate.reject(2_000, 0.001);
    expect(gapOf(rate, 2_000)).toBeCloseTo(1_000);
    rate.reject(5_000, 0.0005);
    expect(gapOf(rate, 5_000)).toBeCloseTo(2_000);
  });

  test("does not measure the time in which nobody wanted anything", () => {
    const rate = new LearnedRate();
    accepted(rate, [0]);
    rate.rest();
    accepted(rate, times(10, 60_000, 10));
    rate.reject(61_000);
    expect(gapOf(rate, 61_000)).toBeCloseTo(100);
    accepted(rate, times(9, 61_000, 100));
    rate.rest();
    // Nothing was taken since: what came before the rest doesn't count.
    rate.reject(90_000);
    expect(gapOf(rate, 90_000)).toBeCloseTo(100 / 1.005 ** 9);
  });

  const step = fc.record({
    what: fc.constantFrom(
      "take",
      "take",
      "accept",
      "reject",
      "declare",
      "rest",
    ),
    afterMs: fc.integer({ min: 0, max: 500 }),
    cost: fc.integer({ min: 1, max: 5 }),
  });

  property.prop([fc.array(step, { maxLength: 60 })], { numRuns: 1_000 })(
    "always gives a time at which the next call may go, not before now",
    (steps) => {
      const rate = new LearnedRate();
      let now = 0;
      for (const { what, afterMs, cost } of steps) {
        now += afterMs;
        if (what === "take") {
          now = rate.readyAt(cost, now);
          rate.take(cost, now);
        } else if (what === "accept") rate.accept(cost);
        else if (what === "reject") rate.reject(now);
        else if (what === "declare") rate.reject(now, cost / 1_000);
        else rate.rest();
        const at = rate.readyAt(cost, now);
        expect(at).toBeGreaterThanOrEqual(now);
        expect(Number.isFinite(at)).toBe(true);
        expect(rate.readyAt(cost, at)).toBe(at);
      }
    },
  );

  property.prop(
    [
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.nat({ max: 300 }), { minLength: 2, maxLength: 60 }),
    ],
    { numRuns: 500 },
  )("lets at most one more go in any span than it allows", (gap, pauses) => {
    const rate = new LearnedRate();
    rate.reject(0, 1 / gap);
    let now = 0;
    const starts = pauses.map((pauseMs) => {
      now = rate.readyAt(1, now + pauseMs);
      rate.take(1, now);
      return now;
    });
    starts.forEach((from, i) => {
      for (let k = i + 1; k < starts.length; k += 1) {
        const span = (starts[k] as number) - from;
        expect((k - i - 1) * gap).toBeLessThanOrEqual(span + 1e-6);
      }
    });
  });
});
