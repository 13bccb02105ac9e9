import { fc } from "@fast-check/vitest";
import type { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import type { SharedLimit } from "@/limits/shared-limits.js";
import type { ResolvedRateLimit } from "@/policy/rate-limit.js";
import { hasRedis } from "../support/redis-server.js";
import { useRedis } from "./support/use-redis.js";
import { Scenario } from "./support/scenario.js";
import { useScenario } from "./support/use-scenario.js";

function rate(
  limit: number,
  intervalMs: number,
  counts?: "calls" | "cost",
): ResolvedRateLimit {
  const shape = { algorithm: "sliding-window", jitterMs: 0 } as const;
  const rest = { limit, intervalMs, burst: limit };
  return { ...shape, ...rest, ...(counts && { counts }) };
}

const llm = (...rateLimit: ResolvedRateLimit[]): SharedLimit => ({
  name: "llm",
  rateLimit: rateLimit.length === 1 ? rateLimit[0]! : rateLimit,
});

/** 3 calls and 10 tokens per 100 ms. */
const both = llm(rate(3, 100, "calls"), rate(10, 100));

describe.runIf(hasRedis)("several rates of one limit", () => {
  let scenario: Scenario;
  let client: Redis;
  useScenario((opened, other) => {
    scenario = opened;
    client = other;
  });

  it("hold together, over processes", async () => {
    const [one, two] = [scenario.start(), scenario.start()];
    const asked = [
      ["a", 1],
      ["b", 1],
      ["c", 1],
      ["d", 6],
      ["e", 5],
      ["f", 6],
    ] as const;
    for (const [i, [id, cost]] of asked.entries()) {
      const { limits } = i % 2 === 0 ? one : two;
      scenario.ask(limits, id, i, [both], { cost });
    }
    await scenario.run();
    // d is the fourth call; e would be tokens 11 and more.
    expect(scenario.log).toEqual([
      "0 a",
      "1 b",
      "2 c",
      "100 d",
      "200 e",
      "300 f",
    ]);
  });

  it("are taken in one round trip", async () => {
    const { limits } = scenario.start();
    scenario.ask(limits, "a", 0, [both]);
    await scenario.run(0);
    expect(scenario.log).toEqual(["0 a"]);
    expect(scenario.calls).toBe(1);
  });

  it("take nothing of one where another has no room", async () => {
    const { limits } = scenario.start();
    scenario.ask(limits, "a", 0, [both], { cost: 9 });
    scenario.ask(limits, "b", 1, [both], { cost: 2 });
    await scenario.run(50);
    const [calls] = await scenario.keysLike("log-calls:llm");
    expect(await client.zcard(calls!)).toBe(1);
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "100 b"]);
  });

  it("get all back of a call that was not started", async () => {
    const { limits } = scenario.start();
    scenario.ask(limits, "a", 0, [both], { cost: 10, end: "cancel" });
    scenario.ask(limits, "b", 1, [both], { cost: 10 });
    await scenario.run();
    expect(scenario.log).toEqual(["0 a", "1 b"]);
  });

  it("have one log for calls and one for the cost, however many they are", async () => {
    const { limits } = scenario.start();
    const rates = [rate(1, 100), rate(5, 50, "calls"), rate(9, 90, "calls")];
    scenario.ask(limits, "a", 0, [llm(...rates, rate(9, 50))]);
    scenario.ask(limits, "b", 1, [llm(...rates, rate(9, 50))]);
    await scenario.run(150);
    expect(scenario.log).toEqual(["0 a", "100 b"]);
    const keys = await scenario.keysLike("log*");
    expect(new Set(keys.map((key) => key.split("}:")[1]))).toEqual(
      new Set(["log:llm", "log-calls:llm"]),
    );
    await scenario.run();
  });

  it("refuse what one of them can never give, whatever the others count", async () => {
    const { limits } = scenario.start();
    const { signal } = new AbortController();
    const request = { limits: [both], cost: 11, signal };
    await expect(limits.acquire(request)).rejects.toThrow(
      "Expected `cost` to be at most 10, which is all that the rate limit of llm gives at once, got `11` (number)",
    );
    scenario.ask(limits, "a", 0, [llm(rate(1, 100, "calls"))], { cost: 50 });
    await scenario.run();
    expect(scenario.log).toEqual(["0 a"]);
  });
});

const demand = fc.record({
  rates: fc.array(
    fc.record({
      limit: fc.integer({ min: 2, max: 5 }),
      intervalMs: fc.integer({ min: 20, max: 200 }),
      counts: fc.constantFrom("calls", "cost", undefined),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  calls: fc.array(
    fc.record({
      atMs: fc.oneof(fc.constant(0), fc.nat({ max: 400 })),
      cost: fc.integer({ min: 1, max: 2 }),
      process: fc.nat({ max: 2 }),
    }),
    { minLength: 1, maxLength: 20 },
  ),
});

describe.runIf(hasRedis)("each call of several rates", () => {
  const redis = useRedis();

  it("starts as soon as all of them have room, and no window is exceeded", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(demand, async (one) => {
        const rates = one.rates.map(({ limit, intervalMs, counts }) =>
          rate(limit, intervalMs, counts),
        );
        const scenario = new Scenario(redis.client(), redis.client());
        await scenario.open();
        const processes = [0, 1, 2].map(() => scenario.start());
        one.calls.forEach(({ atMs, cost, process }, i) => {
          const { limits } = processes[process]!;
          scenario.ask(limits, `${i}`, atMs, [llm(...rates)], { cost });
        });
        await scenario.run();
        await scenario.close();
        const starts = scenario.log.map((line) => {
          const [at, id] = line.split(" ").map(Number);
          return { at: at!, ...one.calls[id!]! };
        });
        expect(starts).toHaveLength(one.calls.length);
        const hasRoom = (at: number, cost: number, others = starts) =>
          rates.every(({ limit, intervalMs, counts }) => {
            const tokens = (each: number) => (counts === "calls" ? 1 : each);
            const used = others
              .filter((other) => other.at <= at && other.at > at - intervalMs)
              .reduce((sum, other) => sum + tokens(other.cost), 0);
            return used + tokens(cost) <= limit;
          });
        for (const [i, { at, cost, atMs }] of starts.entries()) {
          expect(hasRoom(at, cost, starts.slice(0, i))).toBe(true);
          // Its timer has whole milliseconds, so it may be late by one.
          for (let ms = atMs; ms < at - 1; ms += 1) {
            const isBlocked = starts.some(
              (other) =>
                other.atMs <= atMs && other.at > ms && !hasRoom(ms, other.cost),
            );
            expect(isBlocked, `call ${i} idle at ${ms}`).toBe(true);
          }
        }
      }),
      { numRuns: Number(process.env["HISTORIES"] ?? 40) },
    );
  });
});
