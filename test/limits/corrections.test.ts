import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import type { RateLimiter } from "@/limits/rate-limiter.js";
import { SlidingWindow } from "@/limits/sliding-window.js";
import { TokenBucket } from "@/limits/token-bucket.js";

const LIMIT = 20;
const INTERVAL_MS = 100;

/** What was taken when, all of it kept. */
interface Taken {
  readonly at: number;
  cost: number;
}

/** The earliest time at which there is room, found by trying each millisecond. */
function firstTime(now: number, hasRoom: (at: number) => boolean): number {
  let at = now;
  while (!hasRoom(at)) at += 1;
  return at;
}

const contenders = {
  "a sliding window": {
    create: () => new SlidingWindow({ limit: LIMIT, intervalMs: INTERVAL_MS }),
    readyAt: (taken: readonly Taken[], cost: number, now: number) =>
      firstTime(now, (at) => {
        const counting = taken.filter((one) => one.at + INTERVAL_MS > at);
        const sum = counting.reduce((all, one) => all + one.cost, 0);
        return sum + cost <= LIMIT;
      }),
  },
  "a token bucket": {
    create: () =>
      new TokenBucket({ limit: LIMIT, intervalMs: INTERVAL_MS, burst: LIMIT }),
    readyAt: (taken: readonly Taken[], cost: number, now: number) => {
      const msPerToken = INTERVAL_MS / LIMIT;
      let arrival = Number.NEGATIVE_INFINITY;
      for (const one of taken) {
        arrival = Math.max(arrival, one.at) + one.cost * msPerToken;
      }
      return Math.max(now, arrival + cost * msPerToken - LIMIT * msPerToken);
    },
  },
} satisfies Record<
  string,
  {
    create: () => Required<RateLimiter>;
    readyAt: (taken: readonly Taken[], cost: number, now: number) => number;
  }
>;

/** Requests: when they come after the one before, their cost, use and time. */
const requests = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 150 }),
    cost: fc.integer({ min: 1, max: LIMIT }),
    used: fc.integer({ min: 1, max: 2 * LIMIT }),
    ms: fc.integer({ min: 0, max: 300 }),
  }),
  { minLength: 1, maxLength: 25 },
);

describe.each(Object.entries(contenders))("%s", (_, { create, readyAt }) => {
  test.prop([requests])(
    "counts what requests have used as a log of all of them does",
    (all) => {
      const limiter = create();
      const taken: Taken[] = [];
      const running: { readonly one: Taken; used: number; endsAt: number }[] =
        [];
      const endUntil = (now: number) => {
        running.sort((a, b) => a.endsAt - b.endsAt);
        while (running[0] !== undefined && running[0].endsAt <= now) {
          const { one, used, endsAt } = running.shift()!;
          const more = used - one.cost;
          limiter.correct(more, one.at, endsAt);
          if (more > 0) taken.push({ at: endsAt, cost: more });
          else one.cost = used;
        }
      };
      let now = 0;
      for (const { afterMs, cost, used, ms } of all) {
        // One at each time: those of one time are one to the limiter.
        now += afterMs + 1;
        for (;;) {
          endUntil(now);
          const at = limiter.readyAt(cost, now);
          expect(at).toBe(readyAt(taken, cost, now));
          if (at <= now) break;
          const ends = running.map(({ endsAt }) => endsAt);
          now = Math.min(Math.ceil(at), ...ends);
        }
        limiter.take(cost, now);
        const one = { at: now, cost };
        taken.push(one);
        running.push({ one, used, endsAt: now + ms });
      }
    },
  );

  it("gives nothing back of what counts no more", () => {
    const limiter = create();
    limiter.take(12, 0);
    limiter.take(12, 120);
    limiter.correct(-10, 0, 150);
    expect(limiter.readyAt(20, 150)).toBe(
      readyAt([{ at: 120, cost: 12 }], 20, 150),
    );
  });
});

describe("a token bucket that has not been full for a thousand requests", () => {
  /** A request each millisecond, the first at 0, of what flows in during two. */
  const busy = (requests: number) => {
    const bucket = new TokenBucket({ limit: 1, intervalMs: 1, burst: 5_000 });
    for (let at = 0; at < requests; at += 1) bucket.take(2, at);
    return bucket;
  };

  it("still corrects the last thousand", () => {
    const bucket = busy(1_500);
    const full = bucket.readyAt(5_000, 1_500);
    expect(full).toBe(3_000);
    bucket.correct(-1, 500, 1_500);
    expect(bucket.readyAt(5_000, 1_500)).toBe(full - 1);
    bucket.correct(-1, 1_499, 1_500);
    expect(bucket.readyAt(5_000, 1_500)).toBe(full - 2);
  });

  it("keeps what it took for older ones", () => {
    const bucket = busy(1_500);
    const full = bucket.readyAt(5_000, 1_500);
    for (const at of [0, 499]) {
      bucket.correct(-1, at, 1_500);
      expect(bucket.readyAt(5_000, 1_500)).toBe(full);
    }
  });
});
