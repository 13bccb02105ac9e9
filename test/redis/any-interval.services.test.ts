import { fc } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import type { SharedLimit } from "@/limits/shared-limits.js";
import type { ResolvedRateLimit } from "@/policy/rate-limit.js";
import { hasRedis } from "../support/redis-server.js";
import { Scenario } from "./support/scenario.js";
import { useRedis } from "./support/use-redis.js";

const YEAR_MS = 365 * 86_400_000;

const demand = fc.record({
  limit: fc.integer({ min: 1, max: 8 }),
  /** Evenly over the orders of magnitude. */
  magnitude: fc.double({ min: 0, max: Math.log10(YEAR_MS), noNaN: true }),
  algorithm: fc.constantFrom("sliding-window", "token-bucket"),
  count: fc.integer({ min: 1, max: 20 }),
});

describe.runIf(hasRedis)("an interval of 1 ms to a year", () => {
  const redis = useRedis();

  it("is kept in Redis, used in full, and costs a command per call", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        demand,
        async ({ limit, magnitude, algorithm, count }) => {
          const intervalMs = 10 ** magnitude;
          const shape = { limit, intervalMs, algorithm, jitterMs: 0 } as const;
          const rateLimit: ResolvedRateLimit = { ...shape, burst: limit };
          const of: SharedLimit = { name: "resource llm", rateLimit };
          const scenario = new Scenario(redis.client(), redis.client());
          await scenario.open();
          const processes = [scenario.start(), scenario.start()];
          for (let i = 0; i < count; i += 1) {
            const { limits } = processes[i % 2]!;
            scenario.ask(limits, `${i}`, 0, [of]);
          }
          await scenario.run();
          const { calls } = scenario;
          await scenario.close();
          const starts = scenario.log.map((line) => Number.parseFloat(line));
          expect(starts).toHaveLength(count);
          for (const [i, at] of starts.entries()) {
            const isWindow = algorithm === "sliding-window";
            const best = isWindow
              ? Math.floor(i / limit) * intervalMs
              : (Math.max(0, i + 1 - limit) * intervalMs) / limit;
            // It counts whole microseconds, and timers whole milliseconds.
            expect(at).toBeGreaterThanOrEqual(best * (1 - 1e-9));
            expect(at - best).toBeLessThanOrEqual(1 + i / 1_000);
          }
          expect(calls).toBeLessThanOrEqual(count);
        },
      ),
      { numRuns: Number(process.env["HISTORIES"] ?? 60) },
    );
  });
});
