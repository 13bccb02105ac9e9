import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { arbitraryBatch } from "../support/arbitrary-batch.js";
import { FakeClock } from "../support/fake-clock.js";
import { recordBatch, type Step } from "../support/record-batch.js";

async function criticalPathOf(steps: readonly Step[], clock = new FakeClock()) {
  return (await recordBatch(steps, clock)).criticalPath;
}

describe("the critical path", () => {
  it("goes from the call that ended last to those it had waited for last", async () => {
    const steps = [
      { name: "a", ms: 10 },
      { name: "b", ms: 30 },
      { name: "c", ms: 5, dependsOn: [0, 1] },
      { name: "d", ms: 50, dependsOn: [0] },
      { name: "e", ms: 30, dependsOn: [2] },
    ];
    expect(await criticalPathOf(steps)).toEqual([1, 2, 4]);
  });

  it("is the call that waited longest for a limit, where no call waits for another", async () => {
    const clock = new FakeClock();
    const limits = createLimits("tool t", { concurrency: 1 }, clock);
    const steps = [
      { name: "t", ms: 10, limits },
      { name: "t", ms: 10, limits },
      { name: "u", ms: 15 },
    ];
    expect(await criticalPathOf(steps, clock)).toEqual([1]);
  });

  it("holds calls that ran before calls that ended with them, unrun", async () => {
    const steps = [
      { name: "a", ms: 10 },
      { name: "b", ms: 20, fails: true },
      { name: "c", ms: 5, dependsOn: [1] },
    ];
    expect(await criticalPathOf(steps)).toEqual([1]);
  });

  it("of an empty batch is empty", async () => {
    expect(await criticalPathOf([])).toEqual([]);
  });

  test.prop([arbitraryBatch(20), fc.option(fc.nat({ max: 90 }))])(
    "and every other call fill their time with waiting and running",
    async ({ calls, limits: options }, abortAtMs) => {
      const clock = new FakeClock();
      const limits = options.map((one, i) =>
        createLimits(`limit ${i}`, one, clock),
      );
      const steps = calls.map((call) => ({
        name: "t",
        ms: call.durationMs,
        dependsOn: call.dependsOn,
        limits: call.limits.flatMap((i) => limits[i] ?? []),
        cost: call.cost,
        fails: call.ends === "error",
      }));
      const report = await recordBatch(
        steps,
        clock,
        abortAtMs === null ? {} : { abortAtMs },
      );
      for (const { waits, runs, endMs } of report.calls) {
        const parts = [
          ...waits.map(({ ms }) => ms),
          ...runs.map((run) => run.endMs - run.startMs),
        ];
        const sum = parts.reduce((total, ms) => total + ms, 0);
        expect(sum).toBeCloseTo(endMs, 6);
      }
      const ends = report.criticalPath.map((i) => report.calls[i]?.endMs);
      expect(ends.at(-1)).toBe(report.durationMs);
      const first = report.calls[report.criticalPath[0] ?? 0];
      expect(first?.waits.some((wait) => wait.for === "dependency")).toBe(
        false,
      );
    },
  );
});
