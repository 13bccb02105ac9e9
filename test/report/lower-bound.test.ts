import { test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { createLimits, type LimitOptions } from "@/limits/create-limits.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import { capBound, rateBound } from "@/report/limit-bounds.js";
import { findLowerBound } from "@/report/lower-bound.js";
import { pathsAround } from "@/report/paths-around.js";
import { arbitraryBatch } from "../support/arbitrary-batch.js";
import { boundByBruteForce } from "../support/brute-force-bound.js";
import { FakeClock } from "../support/fake-clock.js";
import { recordBatch, type Step } from "../support/record-batch.js";
import { ScriptedLimits } from "../support/scripted-limits.js";

async function boundOf(
  options: LimitOptions,
  stepsWith: (limits: Step["limits"]) => readonly Step[],
) {
  const clock = new FakeClock();
  const limits = createLimits("resource r", options, clock);
  const report = await recordBatch(stepsWith(limits), clock);
  return { ...report.lowerBound, durationMs: report.durationMs };
}

const rateLimit = (limit: number, intervalMs: number, burst?: number) =>
  ({
    rateLimit: {
      limit,
      intervalMs,
      burst: burst ?? limit,
      algorithm: burst === undefined ? "sliding-window" : "token-bucket",
      jitterMs: 0,
    },
  }) satisfies LimitOptions;

const same = (count: number, step: Step): Step[] =>
  Array.from({ length: count }, () => step);

describe("the lower bound", () => {
  it("is the longest path where nothing limits the calls", async () => {
    const bound = await boundOf({}, () => [
      { name: "a", ms: 30 },
      { name: "b", ms: 20, dependsOn: [0] },
      { name: "c", ms: 40 },
    ]);
    expect(bound).toEqual({ ms: 50, ratio: 1, by: "path", durationMs: 50 });
  });

  it("is the work over the slots of a cap, between what must be before and after", async () => {
    const bound = await boundOf({ concurrency: 2 }, (limits = []) => [
      { name: "first", ms: 10 },
      ...same(4, { name: "t", ms: 30, dependsOn: [0], limits }),
      { name: "last", ms: 7, dependsOn: [1, 2, 3, 4] },
    ]);
    expect(bound).toEqual({
      ms: 10 + (4 * 30) / 2 + 7,
      ratio: 1,
      by: "concurrency",
      limit: "resource r",
      durationMs: 77,
    });
  });

  it("is what a window lets through, and the shortest call behind it", async () => {
    const bound = await boundOf(rateLimit(3, 100), (limits = []) =>
      same(7, { name: "t", ms: 20, limits }),
    );
    expect(bound).toMatchObject({ ms: 220, ratio: 1, by: "rate" });
  });

  it("counts the tokens of a bucket that are not in the burst", async () => {
    const bound = await boundOf(rateLimit(10, 1_000, 4), (limits = []) =>
      same(5, { name: "t", ms: 20, limits, cost: 2 }),
    );
    expect(bound).toMatchObject({ ms: 620, ratio: 1, by: "rate" });
  });

  it("is that of the strictest of several rates, each by what it counts", async () => {
    const calls = { ...rateLimit(2, 100).rateLimit, counts: "calls" } as const;
    const cost = rateLimit(10, 100).rateLimit;
    const several = { rateLimit: [calls, cost] };
    for (const [each, ms, counts] of [
      [2, 120, "calls"],
      [10, 320, "cost"],
    ] as const) {
      const bound = await boundOf(several, (limits = []) =>
        same(4, { name: "t", ms: 20, limits, cost: each }),
      );
      const limit = `resource r (${counts})`;
      expect(bound).toMatchObject({ ms, ratio: 1, by: "rate", limit });
    }
  });

  it("knows several rates that are kept elsewhere", async () => {
    const clock = new FakeClock();
    const elsewhere = new ScriptedLimits();
    elsewhere.onAsk = (ask) => ask.grant();
    const calls = { ...rateLimit(1, 100).rateLimit, counts: "calls" } as const;
    const name = "resource db";
    const rates = [rateLimit(9, 100).rateLimit, calls];
    const declared = { name, rateLimit: rates };
    const limits = [new SharedAdmission([declared], elsewhere, clock)];
    const steps = same(2, { name: "t", ms: 5, limits, cost: 2 });
    const { lowerBound } = await recordBatch(steps, clock);
    expect(lowerBound).toMatchObject({
      by: "rate",
      limit: "resource db (calls)",
    });
  });

  it("knows caps and rates that are kept elsewhere", async () => {
    const clock = new FakeClock();
    const elsewhere = new ScriptedLimits();
    elsewhere.onAsk = (ask) => ask.grant();
    const { rateLimit: rate } = rateLimit(1, 100);
    const declared = { name: "resource db", concurrency: 1, rateLimit: rate };
    const limits = [new SharedAdmission([declared], elsewhere, clock)];
    const steps = same(2, { name: "t", ms: 5, limits });
    const { lowerBound } = await recordBatch(steps, clock);
    // The store granted both calls at once, so the batch beat its limits.
    expect(lowerBound).toEqual({
      ms: 5,
      ratio: 1,
      by: "rate",
      limit: "resource db",
    });
  });

  it("counts each attempt of a call, one after the other", async () => {
    const bound = await boundOf(rateLimit(1, 100), (limits = []) => [
      { name: "t", ms: [10, 10, 30], limits },
    ]);
    expect(bound).toMatchObject({ ms: 230, ratio: 1, by: "rate" });
  });

  it("leaves out what retries rest, so that it shows in the ratio", async () => {
    const bound = await boundOf({}, () => [
      { name: "t", ms: [10, 10], restMs: 20 },
    ]);
    expect(bound).toEqual({ ms: 20, ratio: 2, by: "path", durationMs: 40 });
  });

  it("has no ratio where nothing took any time", async () => {
    expect(await boundOf({}, () => [{ name: "t", ms: 0 }])).toEqual({
      ms: 0,
      by: "path",
      durationMs: 0,
    });
  });

  it("is never more than the batch took: a limit that was changed is no bound", () => {
    const limits = createLimits("tool t", { concurrency: 1 }, new FakeClock());
    const paths = pathsAround([10, 10], [[], []], [0, 1]);
    const call = { limits, cost: 1 };
    expect(findLowerBound(15, paths, [[10], [10]], [call, call])).toEqual({
      ms: 15,
      ratio: 1,
      by: "concurrency",
      limit: "tool t",
    });
  });

  it("takes a large batch with thousands of different starts in one go", () => {
    const attempts = Array.from({ length: 10_000 }, (_, i) => ({
      ms: 1,
      before: i,
      after: 10_000 - i,
      cost: 1,
    }));
    expect(capBound(attempts, 1)).toBe(10_001);
    expect(capBound(attempts, 0.5)).toBe(20_001);
    expect(rateBound(attempts, rateLimit(1, 2).rateLimit)).toBe(20_000);
  });

  test.prop([arbitraryBatch(16)], { numRuns: 500 })(
    "is what the formulas give, and no schedule of ours is shorter",
    async (batch) => {
      const clock = new FakeClock();
      const limits = batch.limits.map((options, i) =>
        createLimits(`limit ${i}`, options, clock),
      );
      const report = await recordBatch(
        batch.calls.map((call) => ({
          name: "t",
          ms: call.durationMs,
          dependsOn: call.dependsOn,
          limits: call.limits.flatMap((i) => limits[i] ?? []),
          cost: call.cost,
          fails: call.ends === "error",
        })),
        clock,
      );
      const bound = boundByBruteForce(batch, report);
      expect(bound).toBeLessThanOrEqual(report.durationMs + 1e-9);
      expect(report.lowerBound.ms).toBeCloseTo(bound, 6);
    },
  );
});
