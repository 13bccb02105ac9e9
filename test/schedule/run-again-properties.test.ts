import { fc, test as property } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { arbitraryBatch } from "../support/arbitrary-batch.js";
import { violations } from "../support/check-limits.js";
import { FakeClock } from "../support/fake-clock.js";
import { limitsByIndexes } from "../support/limits-by-indexes.js";
import { attempt } from "../support/run-attempts.js";

const startsOf = (log: readonly string[]) =>
  log.filter((line) => line.includes("start"));

const failures = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
  { maxLength: 3 },
);

/** A batch of the other properties, whose calls fail a few times before. */
const failingBatch = arbitraryBatch(16).chain((batch) =>
  fc.record({
    batch: fc.constant(batch),
    failures: fc.array(failures, {
      minLength: batch.calls.length,
      maxLength: batch.calls.length,
    }),
  }),
);
type FailingBatch =
  typeof failingBatch extends fc.Arbitrary<infer T> ? T : never;

function start(
  { batch, failures: failed }: FailingBatch,
  clock: FakeClock,
  signal?: AbortSignal,
) {
  const limits = batch.limits.map((options, i) =>
    createLimits(`limit ${i}`, options, clock),
  );
  const limitsOf = limitsByIndexes(limits);
  return attempt(
    batch.calls.map((call, i) => ({
      ...call,
      limits: limitsOf(call.limits),
      limitIndexes: call.limits,
      failures: failed[i] as number[],
    })),
    clock,
    signal ? { signal } : {},
  );
}

const RUNS = { numRuns: 500 };

describe("a batch whose calls fail a few times before they end", () => {
  property.prop([failingBatch], RUNS)(
    "ends each call once, after as many attempts as it takes, and leaves nothing",
    async (generated) => {
      const clock = new FakeClock();
      const { outcomes, starts, ends, running } = start(generated, clock);
      await clock.drain();
      const ended = await outcomes;
      generated.batch.calls.forEach((call, i) => {
        const isHealthy = call.dependsOn.every(
          (from) => ended[from]?.status === "ok",
        );
        expect(ends[i]).toBe(1);
        expect(ended[i]?.status).toBe(isHealthy ? call.ends : "skipped");
        expect(starts[i]).toBe(
          isHealthy ? (generated.failures[i]?.length ?? 0) + 1 : 0,
        );
      });
      expect(running()).toBe(0);
      expect(clock.pending).toBe(0);
    },
  );

  property.prop([failingBatch], RUNS)(
    "exceeds no limit, with whatever it runs again",
    async (generated) => {
      const clock = new FakeClock();
      const { runs } = start(generated, clock);
      await clock.drain();
      expect(violations(generated.batch, runs)).toEqual([]);
    },
  );

  property.prop([failingBatch, fc.nat({ max: 200 })], RUNS)(
    "starts nothing after an abort, and lets go of what rests",
    async (generated, instant) => {
      const clock = new FakeClock();
      const controller = new AbortController();
      const { log, outcomes, ends, running } = start(
        generated,
        clock,
        controller.signal,
      );
      await clock.advance(instant);
      const before = startsOf(log);
      controller.abort();
      // Each call that runs sleeps on one timer; nobody else may have any.
      expect(clock.pending).toBe(running());
      await clock.drain();
      await outcomes;
      expect(startsOf(log)).toEqual(before);
      expect(ends).toEqual(generated.batch.calls.map(() => 1));
    },
  );
});
