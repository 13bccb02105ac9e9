import pLimit from "p-limit";
import { describe, expect, test } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { FakeClock } from "../support/fake-clock.js";
import { simulate } from "../support/run-on-fake-clock.js";

describe("a schedule", () => {
  test("starts independent calls at once and each dependent when its last dependency ends", async () => {
    const clock = new FakeClock();
    const { log, outcomes } = simulate(
      [
        { durationMs: 10 },
        { durationMs: 20 },
        { durationMs: 5, dependsOn: [0] },
        { durationMs: 5, dependsOn: [0, 1] },
      ],
      clock,
    );
    await clock.drain();
    expect(log).toEqual([
      "0 start",
      "1 start",
      "0 ok",
      "2 start",
      "2 ok",
      "1 ok",
      "3 start",
      "3 ok",
    ]);
    expect((await outcomes).map(({ value }) => value)).toEqual([
      "0",
      "1",
      "2",
      "3",
    ]);
  });

  test("ends an empty batch", async () => {
    await expect(simulate([], new FakeClock()).outcomes).resolves.toEqual([]);
  });

  test("starts the call with the longest path first, then the one that was asked for first", async () => {
    const clock = new FakeClock();
    const limits = createLimits("node", { concurrency: 1 }, clock);
    const { log } = simulate(
      [
        { durationMs: 1, limits },
        { durationMs: 1, limits },
        { durationMs: 1, limits },
        { durationMs: 1, limits, dependsOn: [2] },
        { durationMs: 1, limits, dependsOn: [3] },
      ],
      clock,
    );
    await clock.drain();
    expect(log.filter((line) => line.endsWith("start"))).toEqual([
      "2 start",
      "3 start",
      "0 start",
      "1 start",
      "4 start",
    ]);
  });

  test("gives room to the longest path across calls with different limits", async () => {
    const clock = new FakeClock();
    const node = createLimits("node", { concurrency: 1 }, clock);
    const tool = createLimits("tool", { concurrency: 5 }, clock);
    const { log } = simulate(
      [
        { durationMs: 1, limits: node },
        { durationMs: 1, limits: node },
        { durationMs: 1, limits: [...tool, ...node] },
        { durationMs: 1, limits: node, dependsOn: [2] },
      ],
      clock,
    );
    await clock.drain();
    expect(log[0]).toBe("2 start");
  });

  test("does not let a throttled call hold a slot that an unthrottled one could use", async () => {
    const clock = new FakeClock();
    const rate = createLimits(
      "rate",
      {
        rateLimit: {
          limit: 1,
          intervalMs: 1_000,
          algorithm: "sliding-window",
          burst: 1,
          jitterMs: 0,
        },
      },
      clock,
    );
    const cap = createLimits("cap", { concurrency: 1 }, clock);
    const throttled = [...rate, ...cap];
    const { traces } = simulate(
      [
        { durationMs: 10, limits: throttled },
        { durationMs: 10, limits: throttled },
        { durationMs: 10, limits: cap },
        { durationMs: 10, limits: cap },
      ],
      clock,
    );
    await clock.drain();
    expect(traces.map(({ startAt }) => startAt)).toEqual([0, 1_000, 10, 20]);
  });

  test("skips the dependents of a failed call and names the failed one of lowest position", async () => {
    const clock = new FakeClock();
    const { log, outcomes } = simulate(
      [
        { durationMs: 20, ends: "error" },
        { durationMs: 10, ends: "error" },
        { durationMs: 5, dependsOn: [1, 0] },
        { durationMs: 5, dependsOn: [2] },
        { durationMs: 5 },
      ],
      clock,
    );
    await clock.drain();
    expect(log).toEqual([
      "0 start",
      "1 start",
      "4 start",
      "4 ok",
      "1 error",
      "0 error",
      "2 skipped",
      "3 skipped",
    ]);
    expect(await outcomes).toMatchObject([
      {},
      {},
      { status: "skipped", failed: 0 },
      { status: "skipped", failed: 0 },
      { status: "ok" },
    ]);
  });

  test("passes the end of a failed call down a chain of 20,000 without recursion", async () => {
    const clock = new FakeClock();
    const { outcomes } = simulate(
      Array.from({ length: 20_000 }, (_, i) => ({
        durationMs: 0,
        dependsOn: i === 0 ? [] : [i - 1],
        ends: "error" as const,
      })),
      clock,
    );
    await clock.drain();
    expect((await outcomes).at(-1)).toEqual({ status: "skipped", failed: 0 });
  });

  test("rejects dependencies that close a cycle instead of waiting for ever", async () => {
    const { outcomes } = simulate(
      [
        { durationMs: 0, dependsOn: [1] },
        { durationMs: 0, dependsOn: [0] },
        { durationMs: 0 },
      ],
      new FakeClock(),
    );
    await expect(outcomes).rejects.toThrow(
      "Expected dependencies without a cycle, got one among 2 of 3 calls.",
    );
  });

  test("serves batches that share a limit in the order in which they came", async () => {
    const clock = new FakeClock();
    const limits = createLimits("shared", { concurrency: 1 }, clock);
    const call = { durationMs: 10, limits };
    const first = simulate([call, call, call], clock);
    const second = simulate([call, call], clock);
    await clock.drain();
    expect(first.traces.map(({ startAt }) => startAt)).toEqual([0, 10, 20]);
    expect(second.traces.map(({ startAt }) => startAt)).toEqual([30, 40]);
  });
});

describe("batches whose calls need several caps at once", () => {
  test.each(["numbers", "p-limit instances"])(
    "do not chase each other from cap to cap (%s)",
    async (kind) => {
      const clock = new FakeClock();
      const [a = [], b = [], c = []] = [0, 1, 2].map((i) =>
        createLimits(
          `cap ${i}`,
          { concurrency: kind === "numbers" ? 1 : pLimit(1) },
          clock,
        ),
      );
      const [bc, abc] = [
        [...b, ...c],
        [...a, ...b, ...c],
      ];
      const calls = [
        { durationMs: 7, limits: bc, ends: "error" as const },
        { durationMs: 0, limits: c },
        { durationMs: 28, limits: abc },
        { durationMs: 3, limits: abc },
      ];
      const first = simulate(calls, clock);
      await clock.advance(2);
      const second = simulate(calls, clock);
      await clock.drain();
      expect(await first.outcomes).toHaveLength(4);
      expect(await second.outcomes).toHaveLength(4);
      expect(clock.pending).toBe(0);
    },
  );

  test("are served in the order in which they came at every limit that has room", async () => {
    const clock = new FakeClock();
    const tool = createLimits("tool", { concurrency: 2 }, clock);
    const node = createLimits("node", { concurrency: 2 }, clock);
    const both = [...tool, ...node];
    const first = simulate(
      [
        { durationMs: 10, limits: both },
        { durationMs: 20, limits: both },
        { durationMs: 10, limits: node },
      ],
      clock,
    );
    const second = simulate([{ durationMs: 10, limits: both }], clock);
    await clock.drain();
    expect(first.traces[2]?.startAt).toBe(10);
    expect(second.traces[0]?.startAt).toBe(20);
  });
});

describe("a signal", () => {
  test("that was aborted before keeps every call from starting", async () => {
    const clock = new FakeClock();
    const { log, outcomes } = simulate(
      [{ durationMs: 1 }, { durationMs: 1, dependsOn: [0] }],
      clock,
      AbortSignal.abort(),
    );
    await outcomes;
    expect(log).toEqual(["0 aborted", "1 aborted"]);
  });

  test("lets what runs end, starts nothing more and leaves no timer and no listener", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    const limits = createLimits(
      "rate",
      {
        rateLimit: {
          limit: 1,
          intervalMs: 100,
          algorithm: "token-bucket",
          burst: 1,
          jitterMs: 0,
        },
      },
      clock,
    );
    const { log, outcomes } = simulate(
      [
        { durationMs: 50, limits },
        { durationMs: 50, limits },
      ],
      clock,
      signal,
    );
    await clock.advance(10);
    expect(clock.pending).toBe(2);
    controller.abort();
    expect(clock.pending).toBe(1);
    expect(log).toEqual(["0 start", "1 aborted"]);
    await clock.drain();
    await outcomes;
    expect(log).toEqual(["0 start", "1 aborted", "0 ok"]);
    expect(listeners).toBe(0);
  });
});
