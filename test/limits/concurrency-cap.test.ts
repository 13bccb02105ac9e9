import pLimit from "p-limit";
import pLimit6 from "p-limit-6";
import { describe, expect, test } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import type { LimitFunction } from "@/policy/limit-function.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { simulate } from "../support/run-on-fake-clock.js";

/** A batch and the application's own jobs, in one p-limit. */
function setUp(limiter: LimitFunction & { clearQueue(): void }) {
  const clock = new FakeClock();
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

describe.each([
  ["7", (concurrency: number) => pLimit(concurrency)],
  ["6.1", (concurrency: number) => pLimit6(concurrency)],
])("a cap on the application's own p-limit %s", (_version, create) => {
  test("counts the jobs that the application runs in it", async () => {
    const { clock, limiter, limits, log, job } = setUp(create(2));
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
    const { clock, limits, log, job } = setUp(create(1));
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
    const { clock, limits, log, job } = setUp(create(1));
    const { traces } = simulate([{ durationMs: 10, limits }], clock);
    void job("outside", 10);
    const late = simulate([{ durationMs: 10, limits }], clock);
    await clock.drain();
    expect(traces[0]?.startAt).toBe(0);
    expect(log[0]).toBe("outside start 10");
    expect(late.traces[0]?.startAt).toBe(20);
  });

  test("follows the application when it changes the cap", async () => {
    const { clock, limiter, limits } = setUp(create(1));
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

  test("lets calls in after the application has cleared its queue", async () => {
    const set = setUp(create(1));
    expect(await startsAcrossClear(set)).toEqual([0, 10]);
  });

  test("gives all slots back when the batch is aborted", async () => {
    const { clock, limiter, limits } = setUp(create(1));
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
});

test("a cap on a p-limit that rejects what is cleared lets calls in all the same", async () => {
  const set = setUp(pLimit({ concurrency: 1, rejectOnClear: true }));
  expect(await startsAcrossClear(set)).toEqual([0, 10]);
});

test("a p-limit is one cap wherever it is named", () => {
  const clock = new FakeClock();
  const limiter = pLimit(1);
  const [tool] = createLimits("tool a", { concurrency: limiter }, clock);
  const [resource] = createLimits("r", { concurrency: limiter }, clock);
  expect(tool).toBe(resource);
});

/** When two calls start, if the queue is cleared while the first one runs. */
async function startsAcrossClear({
  clock,
  limiter,
  limits,
}: ReturnType<typeof setUp>) {
  const call = { durationMs: 10, limits };
  const { traces, outcomes } = simulate([call, call], clock);
  await clock.advance(5);
  limiter.clearQueue();
  await clock.drain();
  await outcomes;
  return traces.map(({ startAt }) => startAt);
}
