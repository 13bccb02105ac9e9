import { getEventListeners } from "node:events";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import {
  arbitraryBatch,
  type GeneratedBatch,
} from "../support/arbitrary-batch.js";
import { violations } from "../support/check-limits.js";
import { FakeClock } from "../support/fake-clock.js";
import { limitsByIndexes } from "../support/limits-by-indexes.js";
import { attempt, type AttemptOptions } from "../support/run-attempts.js";

/** Calls last up to 40 ms, so that many of them outrun their limits. */
const timeouts = fc.array(fc.option(fc.integer({ min: 1, max: 40 })), {
  minLength: 16,
  maxLength: 16,
});
const delay = fc.option(fc.nat({ max: 30 }), { nil: undefined });
const instant = fc.nat({ max: 120 });
const RUNS = { numRuns: 300 };

function start(
  batch: GeneratedBatch,
  clock: FakeClock,
  limitsOfCalls: readonly (number | null)[],
  options: AttemptOptions = {},
) {
  const limits = batch.limits.map((limit, i) =>
    createLimits(`limit ${i}`, limit, clock),
  );
  const limitsOf = limitsByIndexes(limits);
  const run = attempt(
    batch.calls.map((call, i) => ({
      ...call,
      limits: limitsOf(call.limits),
      limitIndexes: call.limits,
      ...(limitsOfCalls[i] && { timeoutMs: limitsOfCalls[i] }),
    })),
    clock,
    options,
  );
  const settled: { at?: number } = {};
  void run.outcomes.then(() => {
    settled.at = clock.now();
  });
  return { ...run, settled };
}

function startsIn(log: readonly string[]) {
  return log.filter((line) => line.includes("start"));
}

describe("a batch whose calls outrun their limits in time, and heed no signal,", () => {
  property.prop([arbitraryBatch(16), timeouts, delay], RUNS)(
    "ends each call once, exceeds no cap or rate, and leaves no timer",
    async (batch, limitsOfCalls, afterTimeoutMs) => {
      const clock = new FakeClock();
      const { runs, ends, outcomes } = start(batch, clock, limitsOfCalls, {
        ...(afterTimeoutMs !== undefined && { afterTimeoutMs }),
      });
      await clock.drain();
      await outcomes;
      expect(ends).toEqual(batch.calls.map(() => 1));
      // Counts attempts that nobody waited for any more.
      expect(violations(batch, runs)).toEqual([]);
      expect(clock.pending).toBe(0);
    },
  );

  property.prop([arbitraryBatch(16), timeouts, delay], RUNS)(
    "answers a call within its limits, and never runs it twice at once",
    async (batch, limitsOfCalls, afterTimeoutMs) => {
      const clock = new FakeClock();
      const { log, running, outcomes } = start(batch, clock, limitsOfCalls, {
        ...(afterTimeoutMs !== undefined && { afterTimeoutMs }),
      });
      await clock.drain();
      await outcomes;
      expect(running()).toBe(0);
      batch.calls.forEach(({ durationMs }, position) => {
        const events = log
          .map((line) => line.split(" "))
          .filter(([who]) => who === String(position));
        let startedAt: number | undefined;
        let freeAt = 0;
        for (const [, what, when] of events) {
          const at = Number(when);
          if (what === "start") {
            expect(at).toBeGreaterThanOrEqual(freeAt);
            startedAt = at;
            freeAt = at + durationMs;
          } else if (what === "again" && startedAt !== undefined) {
            expect(at - startedAt).toBe(limitsOfCalls[position]);
          } else if (startedAt !== undefined && afterTimeoutMs === undefined) {
            const limit = limitsOfCalls[position] ?? durationMs;
            expect(at - startedAt).toBe(Math.min(limit, durationMs));
          }
        }
      });
    },
  );

  property.prop([arbitraryBatch(16), timeouts, instant], RUNS)(
    "ends when the batch's limit comes, and starts nothing afterwards",
    async (batch, limitsOfCalls, batchTimeoutMs) => {
      const clock = new FakeClock();
      const run = start(batch, clock, limitsOfCalls, { batchTimeoutMs });
      await clock.advance(batchTimeoutMs);
      expect(run.settled.at).toBeLessThanOrEqual(batchTimeoutMs);
      const before = startsIn(run.log);
      // Only tools sleep on, which nobody waits for.
      expect(clock.pending).toBe(run.running());
      await clock.drain();
      expect(startsIn(run.log)).toEqual(before);
      expect(run.ends).toEqual(batch.calls.map(() => 1));
      expect(violations(batch, run.runs)).toEqual([]);
    },
  );

  property.prop(
    [arbitraryBatch(16), timeouts, instant, fc.nat({ max: 30 }), delay],
    RUNS,
  )(
    "is over drainMs after an abort at any instant, without timers and listeners",
    async (batch, limitsOfCalls, at, drainMs, afterTimeoutMs) => {
      const clock = new FakeClock();
      const controller = new AbortController();
      const { signal } = controller;
      const run = start(batch, clock, limitsOfCalls, {
        signal,
        drainMs,
        ...(afterTimeoutMs !== undefined && { afterTimeoutMs }),
      });
      await clock.advance(at);
      const before = startsIn(run.log);
      controller.abort();
      await clock.advance(drainMs);
      expect(run.settled.at).toBeLessThanOrEqual(at + drainMs);
      expect(clock.pending).toBe(run.running());
      expect(getEventListeners(signal, "abort")).toEqual([]);
      await clock.drain();
      expect(startsIn(run.log)).toEqual(before);
      expect(run.ends).toEqual(batch.calls.map(() => 1));
      expect(violations(batch, run.runs)).toEqual([]);
      expect(clock.pending).toBe(0);
    },
  );
});
