import pLimit from "p-limit";
import { describe, expect, test } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { simulate } from "../support/run-on-fake-clock.js";

/** A batch and the application's own jobs, in one p-limit. */
function setUp(concurrency: number, rejectOnClear = false) {
  const clock = new FakeClock();
  const limiter = pLimit({ concurrency, rejectOnClear });
  const limits = createLimits("tool a", { concurrency: limiter }, clock);
  const log: string[] = [];
  const job = (name: string, ms: number) =>
    limiter(async () => {
      log.push(`${name} start ${clock.now()}`);
      await clock.sleep(ms);
      log.push(`${name} end ${clock.now()}`);
    });
  return { clock, limiter, limits, log, job };
}

describe("a cap on the application's own p-limit", () => {
  test("counts the jobs that the application runs in it", async () => {
    const { clock, limiter, limits, log, job } = setUp(2);
    void job("outside", 50);
    const { traces, outcomes } = simulate(
      [0, 1, 2].map(() => ({ durationMs: 20, limits })),
      clock,
    );
    await clock.drain();
    await outcomes;
    expect(traces.map(({ startAt }) => startAt)).toEqual([0, 20, 40]);
    expect(log).toEqual(["outside start 0", "outside end 50"]);
    await settle();
    expect([limiter.activeCount, limiter.pendingCount]).toEqual([0, 0]);
  });

  test("lets calls and jobs in by turns, in the order in which they came", async () => {
    const { clock, limits, log, job } = setUp(1);
    void job("first", 10);
    void job("second", 10);
    const { traces } = simulate([{ durationMs: 10, limits }], clock);
    void job("third", 10);
    await clock.drain();
    expect(traces[0]?.startAt).toBe(20);
    expect(log.filter((line) => line.includes("start"))).toEqual([
      "first start 0",
      "second start 10",
      "third start 30",
    ]);
  });

  test("does not keep a slot from a job that has waited longer than the next call", async () => {
    const { clock, limits, log, job } = setUp(1);
    const { traces } = simulate([{ durationMs: 10, limits }], clock);
    void job("outside", 10);
    const late = simulate([{ durationMs: 10, limits }], clock);
    await clock.drain();
    expect(traces[0]?.startAt).toBe(0);
    expect(log[0]).toBe("outside start 10");
    expect(late.traces[0]?.startAt).toBe(20);
  });

  test("follows the application when it changes the cap", async () => {
    const { clock, limiter, limits } = setUp(1);
    const { traces } = simulate(
      [0, 1, 2, 3].map(() => ({ durationMs: 10, limits })),
      clock,
    );
    await clock.advance(5);
    limiter.concurrency = 3;
    await clock.advance(10);
    limiter.concurrency = 1;
    await clock.drain();
    expect(traces.map(({ startAt }) => startAt)).toEqual([0, 5, 5, 10]);
  });

  test.each([true, false])(
    "still lets calls in after the application has cleared its queue (rejectOnClear: %s)",
    async (rejectOnClear) => {
      const { clock, limiter, limits } = setUp(1, rejectOnClear);
      const { traces, outcomes } = simulate(
        [
          { durationMs: 10, limits },
          { durationMs: 10, limits },
        ],
        clock,
      );
      await clock.advance(5);
      limiter.clearQueue();
      await clock.drain();
      await outcomes;
      expect(traces.map(({ startAt }) => startAt)).toEqual([0, 10]);
    },
  );

  test("gives all slots back when the batch is aborted", async () => {
    const { clock, limiter, limits } = setUp(1);
    const controller = new AbortController();
    const { outcomes } = simulate(
      [0, 1, 2].map(() => ({ durationMs: 10, limits })),
      clock,
      controller.signal,
    );
    await clock.advance(5);
    controller.abort();
    await clock.drain();
    await outcomes;
    await settle();
    expect([limiter.activeCount, limiter.pendingCount]).toEqual([0, 0]);
  });

  test("is one cap wherever the instance is named", () => {
    const clock = new FakeClock();
    const limiter = pLimit(1);
    const [tool] = createLimits("tool a", { concurrency: limiter }, clock);
    const [resource] = createLimits("r", { concurrency: limiter }, clock);
    expect(tool).toBe(resource);
  });
});
