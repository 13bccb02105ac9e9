import { describe, expect, test } from "vitest";
import { planBatch, write } from "parallel-tools-node";
import { createLimits } from "@/limits/create-limits.js";
import type { Limit } from "@/limits/limit.js";
import { BatchRecorder } from "@/report/batch-recorder.js";
import { runSchedule } from "@/schedule/run-schedule.js";
import { FakeClock } from "../support/fake-clock.js";

interface Step {
  readonly name: string;
  readonly ms: number;
  readonly limits?: readonly Limit[];
  readonly fails?: boolean;
}

const policies = {
  write: { access: [write("x")] },
  look: { sequential: "replan" as const },
};

async function reportOf(steps: readonly Step[], clock: FakeClock) {
  const plan = planBatch(
    steps.map(({ name }, i) => ({ name, args: {}, id: `id${i}` })),
    { policies },
  );
  await clock.advance(1_000);
  const recorder = new BatchRecorder(plan, clock.now());
  const outcomes = runSchedule<string>({
    calls: plan.calls.map(({ dependsOn, deferred }, i) => ({
      dependsOn: dependsOn.map(({ index }) => index),
      limits: steps[i]?.limits ?? [],
      cost: 1,
      ...(deferred && { preset: { status: "deferred" as const } }),
    })),
    execute: async (i) => {
      await clock.sleep(steps[i]?.ms ?? 0);
      return steps[i]?.fails ? "error" : "ok";
    },
    judgeValue: (_, end) => ({ status: end as "error" | "ok" }),
    judgeError: (_, error) => ({ status: "error", error }),
    clock,
    observer: recorder,
  });
  await clock.drain();
  await outcomes;
  return recorder.report();
}

describe("the report of a batch", () => {
  test("says what each call waited for, how long, and when it ran", async () => {
    const clock = new FakeClock();
    const cap = createLimits("resource db", { concurrency: 1 }, clock);
    const rate = createLimits(
      "tool write",
      {
        rateLimit: {
          limit: 1,
          intervalMs: 100,
          algorithm: "sliding-window",
          burst: 1,
          jitterMs: 0,
        },
      },
      clock,
    );
    const report = await reportOf(
      [
        { name: "write", ms: 30, limits: rate },
        { name: "query", ms: 50, limits: cap },
        { name: "write", ms: 10, limits: [...rate, ...cap] },
        { name: "query", ms: 60, limits: cap },
      ],
      clock,
    );
    expect(report).toEqual({
      shape: "mixed",
      depth: 2,
      durationMs: 120,
      sumMs: 150,
      longestPathMs: 60,
      calls: [
        {
          index: 0,
          ordinal: 1,
          id: "id0",
          name: "write",
          outcome: "ok",
          dependsOn: [],
          waits: [],
          attempts: 1,
          startMs: 0,
          endMs: 30,
        },
        {
          index: 1,
          ordinal: 2,
          id: "id1",
          name: "query",
          outcome: "ok",
          dependsOn: [],
          waits: [],
          attempts: 1,
          startMs: 0,
          endMs: 50,
        },
        {
          index: 2,
          ordinal: 3,
          id: "id2",
          name: "write",
          outcome: "ok",
          dependsOn: [{ index: 0, reason: "conflict", detail: "x" }],
          waits: [
            { for: "dependency", index: 0, ms: 30 },
            { for: "rate", limit: "tool write", ms: 70 },
            { for: "concurrency", limit: "resource db", ms: 10 },
          ],
          attempts: 1,
          startMs: 110,
          endMs: 120,
        },
        {
          index: 3,
          ordinal: 4,
          id: "id3",
          name: "query",
          outcome: "ok",
          dependsOn: [],
          waits: [{ for: "concurrency", limit: "resource db", ms: 50 }],
          attempts: 1,
          startMs: 50,
          endMs: 110,
        },
      ],
    });
  });

  test("tells calls that were not run from those that were", async () => {
    const report = await reportOf(
      [
        { name: "write", ms: 5, fails: true },
        { name: "write", ms: 5 },
        { name: "look", ms: 5 },
        { name: "query", ms: 5 },
      ],
      new FakeClock(),
    );
    expect(
      report.calls.map(({ outcome, attempts, startMs }) => [
        outcome,
        attempts,
        startMs,
      ]),
    ).toEqual([
      ["error", 1, 0],
      ["skipped", 0, undefined],
      ["skipped", 0, undefined],
      ["skipped", 0, undefined],
    ]);
    expect(report).toMatchObject({
      shape: "chain",
      depth: 4,
      durationMs: 5,
      sumMs: 5,
      longestPathMs: 5,
    });
  });
});
