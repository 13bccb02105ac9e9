import pLimit from "p-limit";
import { describe, expect, test } from "vitest";
import type { LimitOptions } from "@/limits/create-limits.js";
import type { FeedbackGate } from "@/limits/feedback-gate.js";
import { createServerLimits } from "@/limits/server-limits.js";
import { type Holder, outsider } from "@/limits/slots.js";
import { FakeClock } from "../support/fake-clock.js";
import { gateUnderTest } from "../support/gate-under-test.js";
import { attempt } from "../support/run-attempts.js";

/** How many calls may run at once, as far as 20 of them can tell. */
function roomOf(gate: FeedbackGate): number {
  const calls: Holder[] = [];
  while (calls.length < 20 && gate.hasRoom(1, 0)) {
    const call = outsider();
    gate.take(1, 0, call);
    calls.push(call);
  }
  for (const call of calls) gate.release(1, call);
  return calls.length;
}

describe("a gate before a server of which nothing is known", () => {
  test("lets ten calls in, and one more for each that the server has taken", () => {
    const { gate, take, isOpen } = gateUnderTest({ startsCarefully: true });
    for (let i = 0; i < 10; i += 1) {
      expect(isOpen()).toBe(true);
      take();
    }
    expect(isOpen()).toBe(false);
    gate.release(1);
    // One has left, and one more may come.
    take();
    expect(isOpen()).toBe(true);
    take();
    expect(isOpen()).toBe(false);
  });

  test("has no such bound after the first refusal", async () => {
    const { clock, refuse, take, isOpen } = gateUnderTest({
      startsCarefully: true,
    });
    for (let i = 0; i < 10; i += 1) take();
    refuse({ pauseMs: 100 });
    await clock.advance(100);
    for (let i = 0; i < 30; i += 1) {
      expect(isOpen()).toBe(true);
      take();
    }
  });

  const rateLimit = {
    limit: 5,
    intervalMs: 1_000,
    algorithm: "sliding-window",
    burst: 5,
    jitterMs: 0,
  } as const;

  test.each<[string, LimitOptions, boolean, number]>([
    ["a resource without a rate or a cap", {}, true, 10],
    ["a resource with a rate", { rateLimit }, true, 20],
    ["a resource with a cap", { concurrency: 3 }, true, 20],
    ["a resource with a p-limit", { concurrency: pLimit(3) }, true, 20],
    ["a tool", {}, false, 20],
    ["a tool with a rate", { rateLimit }, false, 20],
  ])("is as careful for %s as it has to be", (_, options, isResource, room) => {
    const { gate } = createServerLimits(
      "x",
      options,
      { clock: new FakeClock(), random: () => 0, shared: undefined },
      isResource,
    );
    expect(roomOf(gate)).toBe(room);
  });
});

describe("a pause", () => {
  test("is as long as the server asks, to the millisecond", async () => {
    const { clock, take, refuse, isOpen } = gateUnderTest();
    take();
    expect(refuse({ pauseMs: 250 })).toBe(250);
    await clock.advance(249);
    expect(isOpen()).toBe(false);
    await clock.advance(1);
    expect(isOpen()).toBe(true);
  });

  test("only grows", async () => {
    const { clock, gate, pauses, isOpen } = gateUnderTest();
    gate.pause(500, clock.now());
    await clock.advance(100);
    gate.pause(200, clock.now());
    gate.pause(400, clock.now());
    await clock.advance(399);
    expect(isOpen()).toBe(false);
    gate.pause(50, clock.now());
    await clock.advance(1);
    expect(isOpen()).toBe(false);
    await clock.advance(49);
    expect(isOpen()).toBe(true);
    // Others are told when it begins and when it grows.
    expect(pauses).toEqual([500, 50]);
  });

  test("that a server asks for is kept to, however long; others are told of a part", () => {
    const { take, refuse, pauses } = gateUnderTest();
    take();
    expect(refuse({ pauseMs: 90_000, maxPauseMs: 30_000 })).toBe(90_000);
    // Other processes can't answer calls that wait there: they ask again.
    expect(pauses).toEqual([30_000]);
  });

  test("that is longer than allowed ends with one call, then one more for each accepted", async () => {
    const { clock, gate, take, refuse } = gateUnderTest();
    take();
    refuse({ pauseMs: 90_000, maxPauseMs: 30_000 });
    await clock.advance(90_000);
    const started: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      let calls = 0;
      for (; gate.hasRoom(1, clock.now()); calls += 1) take();
      started.push(calls);
      for (let call = 0; call < calls; call += 1) gate.release(1);
    }
    expect(started).toEqual([1, 2, 4, 8]);
  });

  test("that is guessed doubles from 100 ms, up to the longest that is allowed", async () => {
    const { clock, take, refuse } = gateUnderTest({ random: () => 1 });
    const guessed: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      take();
      const ms = refuse({ maxPauseMs: 2_000 });
      guessed.push(ms);
      await clock.advance(ms);
    }
    expect(guessed).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
  });

  test("that is guessed begins anew when the server has taken a call", async () => {
    const { clock, gate, take, refuse } = gateUnderTest({ random: () => 1 });
    for (const ms of [100, 200]) {
      take();
      expect(refuse()).toBe(ms);
      await clock.advance(ms);
    }
    take();
    gate.release(1);
    take();
    expect(refuse()).toBe(100);
  });

  test("that is asked for leaves the guesses where they are", async () => {
    const { clock, take, refuse } = gateUnderTest({ random: () => 1 });
    take();
    expect(refuse({ pauseMs: 3_000 })).toBe(3_000);
    await clock.advance(3_000);
    take();
    expect(refuse()).toBe(100);
  });

  test("opens the gate for who waits, in order", async () => {
    const { clock, gate } = gateUnderTest();
    gate.pause(300, clock.now());
    const call = { durationMs: 10, limits: [gate] };
    const { log, outcomes } = attempt([call, call], clock);
    await clock.advance(100);
    gate.pause(400, clock.now());
    await clock.drain();
    await outcomes;
    expect(log).toEqual(["0 start 500", "1 start 500", "0 ok 510", "1 ok 510"]);
    expect(clock.pending).toBe(0);
  });
});

describe("a straggler, which had started before the last refusal,", () => {
  test("makes no guess grow and gets what is left of the pause", async () => {
    const { clock, pauses, take, refuse } = gateUnderTest({ random: () => 1 });
    for (let i = 0; i < 5; i += 1) take();
    await clock.advance(10);
    const startedAt = 0;
    expect(refuse({ startedAt })).toBe(100);
    await clock.advance(30);
    expect(refuse({ startedAt })).toBe(70);
    expect(refuse({ startedAt })).toBe(70);
    await clock.advance(500);
    expect(refuse({ startedAt })).toBe(0);
    take();
    expect(refuse()).toBe(200);
    expect(pauses).toEqual([100, 200]);
  });

  test("prolongs the pause if the server asks for more", async () => {
    const { clock, take, refuse } = gateUnderTest();
    take();
    take();
    await clock.advance(10);
    expect(refuse({ startedAt: 0, pauseMs: 100 })).toBe(100);
    expect(refuse({ startedAt: 0, pauseMs: 50 })).toBe(100);
    expect(refuse({ startedAt: 0, pauseMs: 900 })).toBe(900);
    expect(refuse({ startedAt: 0, pauseMs: 1e9, maxPauseMs: 1_000 })).toBe(1e9);
  });

  test("doesn't cut the learned rate again", async () => {
    const rates = await Promise.all(
      [0, 5].map(async (stragglers) => {
        const { clock, gate, take, refuse } = gateUnderTest({ learns: true });
        for (let i = 0; i < 20; i += 1) take();
        await clock.advance(1_000);
        for (let i = 0; i < 10; i += 1) gate.release(1);
        refuse({ startedAt: 0, pauseMs: 100 });
        gate.release(1);
        for (let i = 0; i < stragglers; i += 1) {
          await clock.advance(10);
          refuse({ startedAt: 0, pauseMs: 50 });
        }
        await clock.advance(10_000);
        const starts = await startTimes(gate, clock, 4);
        return starts.map((at) => at - (starts[0] as number));
      }),
    );
    expect(rates[1]).toEqual(rates[0]);
    expect(rates[0]?.[3]).toBeGreaterThan(0);
  });
});

/** When calls start that all want to go now; each lasts no time. */
async function startTimes(gate: FeedbackGate, clock: FakeClock, count: number) {
  const { runs, outcomes } = attempt(
    Array.from({ length: count }, () => ({ durationMs: 0, limits: [gate] })),
    clock,
  );
  await clock.drain();
  await outcomes;
  return runs.map(({ startAt }) => startAt);
}

describe("the pace after a pause", () => {
  test("is any, where a rate is declared: the rate limit sees to it", async () => {
    const { clock, gate, take, refuse } = gateUnderTest({ learns: false });
    take();
    await clock.advance(500);
    refuse({ startedAt: 0, pauseMs: 500 });
    expect(await startTimes(gate, clock, 5)).toEqual([
      1_000, 1_000, 1_000, 1_000, 1_000,
    ]);
  });

  test("is what the server has declared with its refusal", async () => {
    const { clock, gate, take, refuse } = gateUnderTest({ learns: true });
    take();
    refuse({ pauseMs: 500, rate: 10 / 1_000 });
    const starts = await startTimes(gate, clock, 40);
    expect(starts[0]).toBe(500);
    starts.forEach((from) => {
      const within = starts.filter((at) => at >= from && at < from + 1_000);
      expect(within.length).toBeLessThanOrEqual(11);
    });
    expect(starts.at(-1)).toBeLessThanOrEqual(500 + 40 * 100);
  });

  test("is not learned from the time in which nobody wanted anything", async () => {
    const { clock, gate, take, refuse } = gateUnderTest({ learns: true });
    take();
    gate.release(1);
    gate.offer(clock.now());
    await clock.advance(60_000);
    for (let i = 0; i < 11; i += 1) take();
    await clock.advance(1_000);
    for (let i = 0; i < 10; i += 1) gate.release(1);
    refuse({ startedAt: 60_000, pauseMs: 1_000 });
    const starts = await startTimes(gate, clock, 3);
    expect(starts.map((at) => at - 62_000)).toEqual([0, 0, 100]);
  });

  test("is learned, and recovers while the server takes what comes", async () => {
    const { clock, gate, take, refuse } = gateUnderTest({ learns: true });
    for (let i = 0; i < 5; i += 1) take();
    await clock.advance(1_000);
    for (let i = 0; i < 4; i += 1) gate.release(1);
    refuse({ startedAt: 0, pauseMs: 1_000 });
    const starts = await startTimes(gate, clock, 600);
    // Four per second at first, twice that 139 calls later.
    expect(gapAt(starts, 10)).toBeCloseTo(250 / 1.005 ** 9, -1);
    expect(gapAt(starts, 149)).toBeCloseTo(250 / 1.005 ** 148, -1);
    expect(gapAt(starts, 590)).toBeLessThan(15);
  });
});

function gapAt(starts: readonly number[], i: number): number {
  return ((starts[i + 3] as number) - (starts[i - 2] as number)) / 5;
}
