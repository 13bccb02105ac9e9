import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import type { ResolvedRateLimit } from "@/policy/rate-limit.js";
import { runSchedule } from "../support/run-schedule.js";
import { overfullSpans } from "../support/check-spans.js";
import { FakeClock } from "../support/fake-clock.js";

const RATE: ResolvedRateLimit = {
  limit: 2,
  intervalMs: 1_000,
  algorithm: "sliding-window",
  burst: 2,
  jitterMs: 20,
};

/**
 * When the requests of calls leave that are all ready at once: not before the
 * turn of the event loop is over in which they start.
 *
 * @param stallsMs how long each call keeps the process busy when it starts
 */
async function sendAll(
  rateLimit: ResolvedRateLimit,
  stallsMs: readonly number[],
): Promise<number[]> {
  const clock = new FakeClock();
  const limits = createLimits("server", { rateLimit }, clock);
  const sent: number[] = [];
  const outcomes = runSchedule<void>({
    calls: stallsMs.map(() => ({ dependsOn: [], limits, cost: 1 })),
    execute: async (position) => {
      clock.stall(stallsMs[position]!);
      await Promise.resolve();
      sent.push(clock.now());
    },
    judgeValue: () => ({ status: "ok" }),
    judgeError: (_, error) => ({ status: "error", error }),
    clock,
  });
  await clock.drain();
  await outcomes;
  expect(clock.pending).toBe(0);
  return sent;
}

describe("a turn that takes long", () => {
  test("counts in a window from when it is over, less most of the jitter", async () => {
    // Without that the third would leave 985 ms after the first.
    expect(await sendAll(RATE, [35, 0, 0, 0])).toEqual([35, 35, 1_040, 1_040]);
  });

  test("counts in a bucket from when it is over, less most of the jitter", async () => {
    const bucket = { ...RATE, algorithm: "token-bucket" as const };
    // The jitter takes 20 ms of what the bucket gives at once; the first counts
    // from 20.
    expect(await sendAll(bucket, [35, 0, 0, 0])).toEqual([35, 40, 540, 1_040]);
  });

  test("changes nothing within most of the jitter", async () => {
    expect(await sendAll(RATE, [15, 0, 0])).toEqual([15, 15, 1_020]);
  });
});

const busyProcess = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  intervalMs: fc.integer({ min: 5, max: 200 }),
  jitterMs: fc.integer({ min: 20, max: 60 }),
  stallsMs: fc.array(
    fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90 })),
    { minLength: 1, maxLength: 30 },
  ),
  /** Shares of a quarter of the jitter that requests take longer on their way. */
  delays: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
    minLength: 30,
    maxLength: 30,
  }),
});

property.prop([busyProcess], { numRuns: 500 })(
  "a server never sees more than its window allows, however busy the process is",
  async ({ limit, intervalMs, jitterMs, stallsMs, delays }) => {
    const rate = { ...RATE, limit, intervalMs, jitterMs, burst: limit };
    const sent = await sendAll(rate, stallsMs);
    expect(sent).toHaveLength(stallsMs.length);
    const seen = sent.map((at, i) => ({
      at: at + (delays[i]! * jitterMs) / 4,
      cost: 1,
    }));
    expect(overfullSpans(seen, limit, intervalMs)).toEqual([]);
  },
);
