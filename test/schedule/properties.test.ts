import { fc, test } from "@fast-check/vitest";
import pLimit from "p-limit";
import { describe, expect } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import {
  arbitraryBatch,
  type GeneratedBatch,
} from "../support/arbitrary-batch.js";
import {
  fullness,
  type Run,
  runsOf,
  violations,
} from "../support/check-limits.js";
import { FakeClock } from "../support/fake-clock.js";
import { limitsByIndexes } from "../support/limits-by-indexes.js";
import { simulate } from "../support/run-on-fake-clock.js";

const RUNS = { numRuns: 1_000 };

function start(batch: GeneratedBatch, clock: FakeClock, signal?: AbortSignal) {
  const limits = batch.limits.map((options, i) =>
    createLimits(
      `limit ${i}`,
      options.isPLimit && typeof options.concurrency === "number"
        ? { concurrency: pLimit(options.concurrency) }
        : options,
      clock,
    ),
  );
  const limitsOf = limitsByIndexes(limits);
  const calls = batch.calls.map((call) => ({
    ...call,
    limits: limitsOf(call.limits),
  }));
  return { calls, limitsOf, simulation: simulate(calls, clock, signal) };
}

/** The moments at which room may appear: ends, and tokens coming back. */
function moments({ limits }: GeneratedBatch, runs: readonly Run[]): number[] {
  const intervals = limits.flatMap(({ rateLimit }) =>
    [rateLimit ?? []].flat().map(({ intervalMs }) => intervalMs),
  );
  return runs.flatMap(({ startAt, endAt }) => [
    endAt,
    ...intervals.map((intervalMs) => startAt + intervalMs),
  ]);
}

describe("a schedule", () => {
  test.prop([arbitraryBatch(24)], RUNS)(
    "gives every call exactly one end and at most one start, and leaves nothing behind",
    async (batch) => {
      const clock = new FakeClock();
      const { simulation } = start(batch, clock);
      await clock.drain();
      const outcomes = await simulation.outcomes;
      expect(outcomes).toHaveLength(batch.calls.length);
      for (const { starts, ends } of simulation.traces) {
        expect(ends).toBe(1);
        expect(starts).toBeLessThanOrEqual(1);
      }
      expect(simulation.running()).toBe(0);
      expect(clock.pending).toBe(0);
    },
  );

  test.prop([arbitraryBatch(24)], RUNS)(
    "starts a call after its dependencies have ended well, and never else",
    async (batch) => {
      const clock = new FakeClock();
      const { simulation } = start(batch, clock);
      await clock.drain();
      const outcomes = await simulation.outcomes;
      batch.calls.forEach(({ dependsOn, ends }, position) => {
        const trace = simulation.traces[position];
        const isHealthy = dependsOn.every((d) => outcomes[d]?.status === "ok");
        expect(outcomes[position]?.status).toBe(isHealthy ? ends : "skipped");
        expect(trace?.starts).toBe(isHealthy ? 1 : 0);
        for (const d of dependsOn) {
          const end = simulation.log.findIndex((line) =>
            line.match(new RegExp(`^${d} (?!start)`)),
          );
          const begin = simulation.log.indexOf(`${position} start`);
          if (isHealthy) expect(end).toBeLessThan(begin);
        }
      });
    },
  );

  test.prop([arbitraryBatch(24)], RUNS)(
    "never exceeds a cap, a window or a bucket",
    async (batch) => {
      const clock = new FakeClock();
      const { simulation } = start(batch, clock);
      await clock.drain();
      expect(violations(batch, runsOf(batch, simulation.traces))).toEqual([]);
    },
  );

  test.prop([arbitraryBatch(24)], RUNS)(
    "never lets a ready call wait while all of its limits have room, except for one that came before it and needs that room",
    async (batch) => {
      const clock = new FakeClock();
      const { simulation } = start(batch, clock);
      await clock.drain();
      const runs = runsOf(batch, simulation.traces);
      const times = moments(batch, runs);
      for (const run of runs) {
        const waited = [run.readyAt, ...times].filter(
          (at) => at >= run.readyAt && at < run.startAt,
        );
        for (const at of waited) {
          const lacksRoom = (i: number, cost: number, calls = 1) => {
            const users = runs.filter(({ limits }) => limits.includes(i));
            const limit = batch.limits[i];
            const others = Array.from({ length: calls - 1 }, () => ({
              ...run,
              startAt: at,
              endAt: at + 1,
            }));
            return (
              limit !== undefined &&
              fullness(limit, [...users, ...others], cost, at) !== undefined
            );
          };
          const isBlocked = run.limits.some((i) => lacksRoom(i, run.cost));
          // One that waits, too, at another limit, for which the room is kept.
          const isKept = runs.some(
            (other) =>
              other.position !== run.position &&
              other.readyAt <= at &&
              other.startAt > at &&
              other.limits.some((i) => lacksRoom(i, other.cost)) &&
              other.limits.some(
                (i) => run.limits.includes(i) && lacksRoom(i, other.cost, 2),
              ),
          );
          const isIdle = !isBlocked && !isKept;
          expect(isIdle, `call ${run.position} idle at ${at}`).toBe(false);
        }
      }
    },
  );

  test.prop([arbitraryBatch(20), fc.nat({ max: 150 })], RUNS)(
    "that is aborted at any instant starts nothing more, waits for what runs and cleans up",
    async (batch, instant) => {
      const clock = new FakeClock();
      const controller = new AbortController();
      const { simulation } = start(batch, clock, controller.signal);
      await clock.advance(instant);
      const startsBefore = simulation.log.filter((line) =>
        line.endsWith("start"),
      );
      controller.abort();
      // Running calls sleep on the clock, each on one timer; nobody else may.
      expect(clock.pending).toBe(simulation.running());
      await clock.drain();
      await simulation.outcomes;
      expect(simulation.log.filter((line) => line.endsWith("start"))).toEqual(
        startsBefore,
      );
      expect(simulation.running()).toBe(0);
      for (const { ends } of simulation.traces) expect(ends).toBe(1);
    },
  );

  test.prop(
    [arbitraryBatch(12), fc.array(fc.nat({ max: 60 }), { maxLength: 4 })],
    RUNS,
  )(
    "shares its limits with batches that come later, without exceeding them",
    async (batch, arrivals) => {
      const clock = new FakeClock();
      const { calls, simulation } = start(batch, clock);
      const simulations = [simulation];
      for (const delay of arrivals) {
        await clock.advance(delay);
        simulations.push(simulate(calls, clock));
      }
      await clock.drain();
      const runs = simulations.flatMap(({ traces }, n) =>
        runsOf(batch, traces).map((run) => ({
          ...run,
          position: run.position + n * calls.length,
        })),
      );
      expect(violations(batch, runs)).toEqual([]);
      for (const { outcomes } of simulations) {
        expect(await outcomes).toHaveLength(calls.length);
      }
      expect(clock.pending).toBe(0);
    },
  );
});
