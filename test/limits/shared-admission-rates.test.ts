import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { createInProcessLimits } from "@/limits/in-process-limits.js";
import { createLimits } from "@/limits/create-limits.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import type { SharedLimit } from "@/limits/shared-limits.js";
import { overfullSpans } from "../support/check-spans.js";
import { FakeClock } from "../support/fake-clock.js";
import { attempt } from "../support/run-attempts.js";
import { ScriptedLimits } from "../support/scripted-limits.js";

const window = (limit: number, intervalMs: number, jitterMs: number) =>
  ({
    name: "resource serp",
    rateLimit: {
      algorithm: "sliding-window",
      limit,
      intervalMs,
      jitterMs,
      burst: limit,
    },
  }) satisfies SharedLimit;

test("a permit of a rate that another limit keeps from being used is given back at once", async () => {
  const clock = new FakeClock();
  const elsewhere = new ScriptedLimits();
  const serp = window(1, 1_000, 20);
  const admission = new SharedAdmission([serp], elsewhere, clock);
  const cap = createLimits("cap", { concurrency: 1 }, clock);
  const limits = [...cap, admission];
  const waiting = attempt([{ durationMs: 0, limits }], clock);
  await clock.advance(0);
  attempt([{ durationMs: 5, limits: cap }], clock);
  elsewhere.asks[0]?.grant();
  await clock.advance(4);
  expect(elsewhere.log).toEqual(["ask 1", "grant 1", "cancel 1"]);
  elsewhere.onAsk = (ask) => ask.grant();
  await clock.drain();
  await waiting.outcomes;
  expect(waiting.log[0]).toBe("0 start 5");
  expect(elsewhere.log.slice(3)).toEqual(["ask 2", "grant 2", "release 2"]);
  expect(clock.pending).toBe(0);
});

property.prop(
  [
    fc.record({
      limit: fc.integer({ min: 2, max: 5 }),
      intervalMs: fc.integer({ min: 20, max: 200 }),
      jitterMs: fc.integer({ min: 0, max: 20 }),
      caps: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
      batches: fc.array(
        fc.record({
          atMs: fc.nat({ max: 300 }),
          calls: fc.array(
            fc.record({
              durationMs: fc.nat({ max: 120 }),
              cost: fc.integer({ min: 1, max: 2 }),
              caps: fc.nat({ max: 3 }),
              isFree: fc.nat({ max: 4 }).map((n) => n === 0),
            }),
            { minLength: 1, maxLength: 10 },
          ),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  ],
  { numRuns: 300 },
)(
  "starts never exceed a window that is kept elsewhere, whatever else holds them up",
  async ({ limit, intervalMs, jitterMs, caps, batches }) => {
    const clock = new FakeClock();
    const shared = window(limit, intervalMs, jitterMs);
    const admission = new SharedAdmission(
      [shared],
      createInProcessLimits(clock),
      clock,
    );
    const local = caps.map((concurrency, i) =>
      createLimits(`cap ${i}`, { concurrency }, clock),
    );
    const sets = [0, 1, 2, 3].map((bits) =>
      local.flatMap((limits, i) => (bits & (1 << i) ? limits : [])),
    );
    const withRate = sets.map((limits) => [...limits, admission]);
    const runs = batches.map(async ({ atMs, calls }) => {
      await clock.sleep(atMs);
      const run = attempt(
        calls.map(({ caps: bits, isFree, ...call }) => ({
          ...call,
          limits: (isFree ? sets : withRate)[bits]!,
          limitIndexes: isFree ? [] : [0],
        })),
        clock,
      );
      await run.outcomes;
      return run.runs;
    });
    await clock.drain();
    const starts = (await Promise.all(runs)).flat();
    const asked = batches.reduce((sum, { calls }) => sum + calls.length, 0);
    expect(starts).toHaveLength(asked);
    const users = starts.filter(({ limits }) => limits.length > 0);
    const arrivals = users.map(({ startAt, cost }) => ({ at: startAt, cost }));
    expect(overfullSpans(arrivals, limit, intervalMs)).toEqual([]);
  },
);
