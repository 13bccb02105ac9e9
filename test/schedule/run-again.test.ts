import { describe, expect, test } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { FakeClock } from "../support/fake-clock.js";
import { attempt } from "../support/run-attempts.js";

const startsOf = (log: readonly string[]) =>
  log.filter((line) => line.includes("start"));

function capOf(concurrency: number, clock: FakeClock) {
  return createLimits("cap", { concurrency }, clock);
}

describe("a call that is to be run again", () => {
  test("goes before all others that wait", async () => {
    const clock = new FakeClock();
    const call = { durationMs: 10, limits: capOf(1, clock) };
    const { log, outcomes } = attempt(
      [{ ...call, failures: [0, 0] }, call, call],
      clock,
    );
    await clock.drain();
    await outcomes;
    expect(startsOf(log)).toEqual([
      "0 start 0",
      "0 start 10",
      "0 start 20",
      "1 start 30",
      "2 start 40",
    ]);
  });

  test("goes before a longer path that waits with it", async () => {
    const clock = new FakeClock();
    const limits = capOf(2, clock);
    const call = { durationMs: 10, limits };
    const { log } = attempt(
      [
        { ...call, failures: [0] },
        { ...call, durationMs: 20 },
        call,
        { ...call, dependsOn: [2] },
        { ...call, dependsOn: [3] },
        { ...call, dependsOn: [1] },
        { ...call, dependsOn: [5] },
        { ...call, dependsOn: [0] },
        { ...call, dependsOn: [7] },
      ],
      clock,
    );
    await clock.drain();
    expect(startsOf(log).slice(0, 3)).toEqual([
      "0 start 0",
      "1 start 0",
      "0 start 10",
    ]);
  });

  test("goes before an earlier call of the message that waits with it", async () => {
    const clock = new FakeClock();
    const limits = capOf(2, clock);
    const call = { durationMs: 20, limits };
    const { log } = attempt(
      [
        { ...call, dependsOn: [2] },
        { ...call, dependsOn: [2] },
        { ...call, durationMs: 5 },
        { ...call, durationMs: 10, failures: [0] },
      ],
      clock,
    );
    await clock.drain();
    expect(startsOf(log)).toEqual([
      "2 start 0",
      "3 start 0",
      "0 start 5",
      "3 start 10",
      "1 start 20",
    ]);
  });

  test("goes before calls with other limits that wait for the same cap", async () => {
    const clock = new FakeClock();
    const shared = capOf(1, clock);
    const own = createLimits("own", { concurrency: 5 }, clock);
    const { log } = attempt(
      [
        { durationMs: 10, limits: shared, failures: [0] },
        { durationMs: 10, limits: [...own, ...shared] },
      ],
      clock,
    );
    await clock.drain();
    expect(startsOf(log)).toEqual(["0 start 0", "0 start 10", "1 start 20"]);
  });

  test("holds nothing while it rests, and goes first when that is over", async () => {
    const clock = new FakeClock();
    const call = { durationMs: 10, limits: capOf(1, clock) };
    const { log } = attempt(
      [{ ...call, failures: [15] }, call, call, call],
      clock,
    );
    await clock.drain();
    expect(log).toEqual([
      "0 start 0",
      "0 again 10",
      "1 start 10",
      "1 ok 20",
      "2 start 20",
      "2 ok 30",
      "0 start 30",
      "0 ok 40",
      "3 start 40",
      "3 ok 50",
    ]);
    expect(clock.pending).toBe(0);
  });

  test("goes before an earlier call of the message when its rest is over", async () => {
    const clock = new FakeClock();
    const limits = capOf(1, clock);
    const { log } = attempt(
      [
        { durationMs: 10, limits, dependsOn: [3] },
        { durationMs: 10, limits, failures: [10] },
        { durationMs: 50, limits },
        { durationMs: 30 },
      ],
      clock,
    );
    await clock.drain();
    expect(startsOf(log)).toEqual([
      "3 start 0",
      "1 start 0",
      "2 start 10",
      "1 start 60",
      "0 start 70",
    ]);
  });

  test("takes tokens of a rate limit for each attempt", async () => {
    const clock = new FakeClock();
    const limits = createLimits(
      "rate",
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
    const { log } = attempt(
      [
        { durationMs: 1, limits, failures: [0, 250] },
        { durationMs: 1, limits },
      ],
      clock,
    );
    await clock.drain();
    expect(startsOf(log)).toEqual([
      "0 start 0",
      "0 start 100",
      "1 start 200",
      "0 start 351",
    ]);
  });

  test("needs no limits", async () => {
    const clock = new FakeClock();
    const { log } = attempt([{ durationMs: 5, failures: [0, 10] }], clock);
    await clock.drain();
    expect(startsOf(log)).toEqual(["0 start 0", "0 start 5", "0 start 20"]);
  });

  test("keeps its dependents waiting until it has really ended", async () => {
    const clock = new FakeClock();
    const { log } = attempt(
      [
        { durationMs: 10, failures: [20, 0] },
        { durationMs: 10, dependsOn: [0] },
        { durationMs: 10, failures: [5], ends: "error" },
        { durationMs: 10, dependsOn: [2] },
      ],
      clock,
    );
    await clock.drain();
    expect(log).toEqual([
      "0 start 0",
      "2 start 0",
      "0 again 10",
      "2 again 10",
      "2 start 15",
      "2 error 25",
      "3 skipped 25",
      "0 start 30",
      "0 again 40",
      "0 start 40",
      "0 ok 50",
      "1 start 50",
      "1 ok 60",
    ]);
  });
});

describe("a call that rests", () => {
  test("ends with an abort, and leaves no timer", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const { log, outcomes } = attempt(
      [
        { durationMs: 10, failures: [100] },
        { durationMs: 0, dependsOn: [0] },
      ],
      clock,
      { signal: controller.signal },
    );
    await clock.advance(50);
    expect(clock.pending).toBe(1);
    controller.abort();
    expect(clock.pending).toBe(0);
    expect(await outcomes).toEqual([
      { status: "aborted" },
      { status: "aborted" },
    ]);
    expect(log).toEqual([
      "0 start 0",
      "0 again 10",
      "0 aborted 50",
      "1 aborted 50",
    ]);
  });

  test("ends with an interrupt of another call", async () => {
    const clock = new FakeClock();
    const { log, outcomes } = attempt(
      [
        { durationMs: 10, failures: [100] },
        { durationMs: 30, ends: "interrupted", halts: true },
      ],
      clock,
    );
    await clock.advance(30);
    expect(clock.pending).toBe(0);
    expect(await outcomes).toMatchObject([
      { status: "interrupted" },
      { status: "interrupted" },
    ]);
    expect(startsOf(log)).toHaveLength(2);
  });

  test("gives way when it waits at a limit and is aborted there", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const limits = capOf(1, clock);
    const aborted = attempt(
      [
        { durationMs: 10, limits, failures: [5] },
        { durationMs: 50, limits },
      ],
      clock,
      { signal: controller.signal },
    );
    await clock.advance(20);
    controller.abort();
    const other = attempt([{ durationMs: 10, limits }], clock);
    await clock.drain();
    await aborted.outcomes;
    expect(aborted.starts).toEqual([1, 1]);
    expect(startsOf(other.log)).toEqual(["0 start 60"]);
  });
});

describe("a call that fails after its batch was halted", () => {
  test.each([0, 50])("is not run again (in %d ms)", async (delayMs) => {
    const clock = new FakeClock();
    const limits = capOf(2, clock);
    const { log, outcomes, ends } = attempt(
      [
        { durationMs: 20, limits, failures: [delayMs] },
        { durationMs: 10, limits, ends: "interrupted", halts: true },
      ],
      clock,
    );
    await clock.advance(20);
    expect(clock.pending).toBe(0);
    expect((await outcomes).map(({ status }) => status)).toEqual([
      "interrupted",
      "interrupted",
    ]);
    expect(ends).toEqual([1, 1]);
    expect(startsOf(log)).toHaveLength(2);
    expect(limits.every((limit) => limit.hasRoom(2, clock.now()))).toBe(true);
  });
});
