import { describe, expect, test } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { FakeClock } from "../support/fake-clock.js";
import { recordBatch } from "../support/record-batch.js";

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
    const report = await recordBatch(
      [
        { name: "write", ms: 30, limits: rate },
        { name: "query", ms: 50, limits: cap },
        { name: "write", ms: 10, limits: [...rate, ...cap] },
        { name: "query", ms: 60, limits: cap },
      ],
      clock,
    );
    expect(report).toEqual({
      batchId: "b1",
      beganAt: Date.UTC(2026, 0, 1, 0, 0, 1),
      shape: "mixed",
      depth: 2,
      durationMs: 120,
      sumMs: 150,
      longestPathMs: 60,
      lowerBound: {
        ms: 120,
        ratio: 1,
        by: "concurrency",
        limit: "resource db",
      },
      waitedMs: {
        message: 0,
        dependency: 30,
        concurrency: 60,
        rate: 70,
        feedback: 0,
        circuit: 0,
        retry: 0,
      },
      criticalPath: [0, 2],
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
          runs: [{ startMs: 0, endMs: 30 }],
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
          runs: [{ startMs: 0, endMs: 50 }],
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
            { for: "dependency", index: 0, startMs: 0, ms: 30 },
            { for: "rate", limit: "tool write", startMs: 30, ms: 70 },
            {
              for: "concurrency",
              limit: "resource db",
              startMs: 100,
              ms: 10,
            },
          ],
          attempts: 1,
          runs: [{ startMs: 110, endMs: 120 }],
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
          waits: [
            {
              for: "concurrency",
              limit: "resource db",
              startMs: 0,
              ms: 50,
            },
          ],
          attempts: 1,
          runs: [{ startMs: 50, endMs: 110 }],
          startMs: 50,
          endMs: 110,
        },
      ],
    });
  });

  test("tells calls that were not run from those that were", async () => {
    const report = await recordBatch(
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
