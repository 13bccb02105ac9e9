import { fc, test as property } from "@fast-check/vitest";
import pLimit from "p-limit";
import { describe, expect, test } from "vitest";
import { Circuit } from "@/limits/circuit.js";
import { createLimits, type LimitOptions } from "@/limits/create-limits.js";
import { FeedbackGate } from "@/limits/feedback-gate.js";
import type { Limit } from "@/limits/limit.js";
import { FakeClock } from "../support/fake-clock.js";
import { simulate } from "../support/run-on-fake-clock.js";
import { runSchedule } from "../support/run-schedule.js";

const TEN_A_SECOND = {
  limit: 10,
  intervalMs: 1_000,
  algorithm: "token-bucket",
  burst: 10,
  jitterMs: 0,
} as const;

/** Batches of one call each, by names, and the log of all of them. */
function createStage(clock: FakeClock) {
  const log: string[] = [];
  const ask = (
    name: string,
    limits: readonly Limit[],
    { cost = 1, durationMs = 10, signal = new AbortController().signal } = {},
  ) => {
    return runSchedule<void>({
      calls: [{ dependsOn: [], limits, cost }],
      execute: () => {
        log.push(`${clock.now()} ${name}`);
        return clock.sleep(durationMs);
      },
      clock,
      signal,
    });
  };
  return { log, ask };
}

function cap(name: string, concurrency: number, clock: FakeClock) {
  return createLimits(name, { concurrency }, clock);
}

/** One call needs both of two limits, and others come for each without end. */
async function logOfTwo(
  a: readonly Limit[],
  b: readonly Limit[],
  clock: FakeClock,
): Promise<readonly string[]> {
  const { log, ask } = createStage(clock);
  void ask("a1", a, { durationMs: 10 });
  void ask("b1", b, { durationMs: 15 });
  void ask("both", [...a, ...b]);
  for (const n of [2, 3, 4, 5]) {
    void ask(`a${n}`, a, { durationMs: 10 });
    void ask(`b${n}`, b, { durationMs: 10 });
  }
  await clock.drain();
  return log;
}

describe("a call that waits is overtaken for about its own wait", () => {
  test.each(["token-bucket", "sliding-window"] as const)(
    "at a rate limit with cheaper calls (%s)",
    async (algorithm) => {
      const clock = new FakeClock();
      const rateLimit = { ...TEN_A_SECOND, algorithm };
      const rate = createLimits("rate", { rateLimit }, clock);
      const { log, ask } = createStage(clock);
      void ask("first", rate, { cost: 10 });
      void ask("dear", rate, { cost: 10 });
      for (let i = 0; i < 60; i += 1) {
        await clock.advance(50);
        void ask("cheap", rate);
      }
      await clock.drain();
      const dearAt = Number(
        log.find((line) => line.endsWith("dear"))!.split(" ")[0],
      );
      // Its own tokens take a second. Of these it leaves half to others.
      expect(dearAt).toBeGreaterThanOrEqual(1_000);
      expect(dearAt).toBeLessThanOrEqual(2_000);
    },
  );

  test("at two caps that are never free at the same time", async () => {
    const clock = new FakeClock();
    const [a, b] = [cap("a", 1, clock), cap("b", 1, clock)];
    const log = await logOfTwo(a, b, clock);
    // At 10 a is free, at 15 b: then both have been, and both are kept.
    expect(log.slice(0, 5)).toEqual([
      "0 a1",
      "0 b1",
      "10 a2",
      "20 both",
      "30 b2",
    ]);
  });

  test("and nobody waits for it where there is room for both", async () => {
    const clock = new FakeClock();
    const [a, b] = [cap("a", 1, clock), cap("b", 2, clock)];
    const { log, ask } = createStage(clock);
    void ask("a1", a, { durationMs: 10 });
    void ask("b1", b, { durationMs: 10 });
    void ask("b2", b, { durationMs: 10 });
    void ask("both", [...a, ...b]);
    void ask("a2", a, { durationMs: 100 });
    void ask("b3", b, { durationMs: 100 });
    void ask("b4", b, { durationMs: 100 });
    await clock.drain();
    // Of the two slots of b one is kept until a is free again.
    expect(log.slice(3)).toEqual(["10 a2", "10 b3", "110 both", "110 b4"]);
  });

  test("and room is kept for no longer than it waits for it", async () => {
    const clock = new FakeClock();
    const [a, b] = [cap("a", 1, clock), cap("b", 1, clock)];
    const gone = new AbortController();
    const { log, ask } = createStage(clock);
    void ask("a1", a, { durationMs: 10 });
    void ask("b1", b, { durationMs: 15 });
    void ask("both", [...a, ...b], { signal: gone.signal });
    void ask("a2", a, { durationMs: 100 });
    void ask("b2", b, { durationMs: 10 });
    await clock.advance(50);
    // Since 15, b is kept for the call that waits for a.
    expect(log).toEqual(["0 a1", "0 b1", "10 a2"]);
    gone.abort();
    await clock.advance(0);
    expect(log.at(-1)).toBe("50 b2");
    await clock.drain();
  });

  test("and room is kept for none that a server holds back", async () => {
    const clock = new FakeClock();
    const gate = new FeedbackGate("gate", clock, {
      learns: false,
      startsCarefully: false,
      random: () => 0,
    });
    const [a, b] = [cap("a", 1, clock), cap("b", 1, clock)];
    const { log, ask } = createStage(clock);
    void ask("a1", a, { durationMs: 10 });
    void ask("b1", b, { durationMs: 15 });
    void ask("both", [gate, ...a, ...b]);
    void ask("a2", a, { durationMs: 100 });
    void ask("b2", b, { durationMs: 10 });
    await clock.advance(50);
    expect(log).toEqual(["0 a1", "0 b1", "10 a2"]);
    gate.pause(60_000, clock.now());
    gate.offer(clock.now());
    await clock.advance(0);
    expect(log.at(-1)).toBe("50 b2");
    await clock.drain();
    expect(log.at(-1)).toBe("60050 both");
  });

  test("and a circuit that opens ends it, and frees what was kept", async () => {
    const clock = new FakeClock();
    const circuit = new Circuit("db", clock, { failures: 1, resetMs: 60_000 });
    const [a, b] = [cap("a", 1, clock), cap("b", 1, clock)];
    const { log, ask } = createStage(clock);
    void ask("a1", a, { durationMs: 10 });
    void ask("b1", b, { durationMs: 15 });
    const both = ask("both", [circuit, ...a, ...b]);
    void ask("a2", a, { durationMs: 100 });
    void ask("b2", b, { durationMs: 10 });
    await clock.advance(50);
    expect(log).toEqual(["0 a1", "0 b1", "10 a2"]);
    circuit.ended(50, clock.now(), "fails");
    circuit.offer(clock.now());
    await clock.drain();
    expect(log).toContain("50 b2");
    expect((await both)[0]?.status).toBe("error");
  });

  test("and nothing is kept for one that room is kept from", async () => {
    const clock = new FakeClock();
    const [a, b, c] = ["a", "b", "c"].map((name) => cap(name, 1, clock));
    const { log, ask } = createStage(clock);
    void ask("a1", a!, { durationMs: 10 });
    void ask("b1", b!, { durationMs: 15 });
    void ask("both", [...a!, ...b!]);
    void ask("a2", a!, { durationMs: 100 });
    void ask("next", [...b!, ...c!]);
    await clock.advance(50);
    // Since 15, b is kept for the first of them, so the next one can't use c.
    void ask("c1", c!);
    await clock.drain();
    expect(log.slice(2)).toEqual(["10 a2", "50 c1", "110 both", "120 next"]);
  });

  test("at a p-limit of the application", async () => {
    const clock = new FakeClock();
    const a = createLimits("a", { concurrency: pLimit(1) }, clock);
    const b = cap("b", 1, clock);
    const log = await logOfTwo(a, b, clock);
    expect(log.findIndex((line) => line.endsWith("both"))).toBeLessThan(4);
  });
});

test("the longest path goes first, also where calls wait at different limits", async () => {
  const clock = new FakeClock();
  const [a, b] = [cap("a", 1, clock), cap("b", 1, clock)];
  const { log } = simulate(
    [
      { durationMs: 10, limits: [...a, ...b] },
      { durationMs: 3 },
      // Waits for both, with two calls behind it.
      { durationMs: 10, limits: [...a, ...b], dependsOn: [1] },
      // Is ready when both come free, and needs one.
      { durationMs: 10, limits: b, dependsOn: [0] },
      { durationMs: 10, dependsOn: [2] },
      { durationMs: 10, dependsOn: [4] },
    ],
    clock,
  );
  await clock.drain();
  const starts = log.filter((line) => line.endsWith("start"));
  expect(starts.indexOf("2 start")).toBeLessThan(starts.indexOf("3 start"));
});

const options: fc.Arbitrary<LimitOptions> = fc.oneof(
  fc.integer({ min: 1, max: 3 }).map((concurrency) => ({ concurrency })),
  fc
    .record({
      limit: fc.integer({ min: 4, max: 10 }),
      algorithm: fc.constantFrom("sliding-window", "token-bucket"),
    })
    .map(({ limit, algorithm }) => ({
      rateLimit: {
        limit,
        algorithm,
        burst: limit,
        intervalMs: 100,
        jitterMs: 0,
      },
    })),
);

property.prop(
  [
    fc.array(options, { minLength: 1, maxLength: 3 }),
    fc.array(
      fc.record({
        afterMs: fc.nat({ max: 40 }),
        durationMs: fc.integer({ min: 1, max: 60 }),
        cost: fc.integer({ min: 1, max: 4 }),
        needs: fc.subarray([0, 1, 2], { minLength: 1 }),
      }),
      { minLength: 1, maxLength: 60 },
    ),
  ],
  { numRuns: 500 },
)(
  "of many calls with any limits none is stuck, and nothing is left behind",
  async (kinds, calls) => {
    const clock = new FakeClock();
    const limits = kinds.map((kind, i) => createLimits(`l${i}`, kind, clock));
    const { log, ask } = createStage(clock);
    for (const [i, { afterMs, durationMs, cost, needs }] of calls.entries()) {
      await clock.advance(afterMs);
      const own = needs.flatMap((need) => limits[need] ?? []);
      void ask(String(i), own, { cost, durationMs });
    }
    await clock.drain();
    expect(log).toHaveLength(calls.length);
    expect(clock.pending).toBe(0);
  },
);
