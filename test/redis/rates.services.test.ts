import { fc } from "@fast-check/vitest";
import type { Redis } from "ioredis";
import { beforeEach, describe, expect, it } from "vitest";
import type { Permit, SharedLimit } from "@/limits/shared-limits.js";
import { overfullSpans } from "../support/check-spans.js";
import { hasRedis } from "../support/redis-server.js";
import { useRedis } from "./support/use-redis.js";
import { Simulation } from "./support/simulation.js";

const PROCESSES = 3;

const window = fc.record({
  limit: fc.integer({ min: 2, max: 5 }),
  intervalMs: fc.integer({ min: 20, max: 200 }),
  // As much as a start may be late by in any case.
  jitterMs: fc.integer({ min: 10, max: 40 }),
});

const demand = fc.record({
  windows: fc.tuple(window, window),
  calls: fc.array(
    fc.record({
      process: fc.nat({ max: PROCESSES - 1 }),
      atMs: fc.oneof(fc.constant(0), fc.nat({ max: 400 })),
      cost: fc.integer({ min: 1, max: 2 }),
      /** The first window, the second or both, and the cap or not. */
      needs: fc.constantFrom([0], [1], [0, 1], [0, 2], [0, 1, 2]),
      durationMs: fc.nat({ max: 40 }),
    }),
    { minLength: 1, maxLength: 40 },
  ),
  /** No call is late more often than that. */
  stalls: fc.array(
    fc.record({
      process: fc.nat({ max: PROCESSES - 1 }),
      atMs: fc.nat({ max: 600 }),
      ms: fc.integer({ min: 1, max: 300 }),
    }),
    { maxLength: 3 },
  ),
});

describe.runIf(hasRedis)("rates that processes share", () => {
  const redis = useRedis();
  let client: Redis;
  let subscriber: Redis;
  beforeEach(() => {
    client = redis.client();
    subscriber = redis.client();
  });

  it("are never exceeded in any window, though processes stall", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(demand, async ({ windows, calls, stalls }) => {
        const limits: SharedLimit[] = windows.map((rate, i) => ({
          name: `window ${i}`,
          rateLimit: {
            ...rate,
            algorithm: "sliding-window",
            burst: rate.limit,
          },
        }));
        limits.push({ name: "cap", concurrency: 2 });
        const simulation = new Simulation(client, subscriber);
        await simulation.open();
        const processes = Array.from({ length: PROCESSES }, () =>
          simulation.start(),
        );
        // Nobody knows how late the very first answer is.
        for (const { limits: own } of processes) {
          const { signal } = new AbortController();
          const first = { name: "first", concurrency: 9 };
          simulation.schedule(() => {
            void own.acquire({ limits: [first], cost: 1, signal });
          }, 0);
        }
        await simulation.run(0);
        const starts: { at: number; cost: number; needs: readonly number[] }[] =
          [];
        for (const { process, atMs, cost, needs, durationMs } of calls) {
          const { signal } = new AbortController();
          const request = {
            limits: needs.map((i) => limits[i]!),
            cost,
            signal,
          };
          const start = (permit: Permit) => {
            starts.push({ at: simulation.now, cost, needs });
            simulation.schedule(() => permit.release(), durationMs);
          };
          simulation.schedule(() => {
            void processes[process]!.limits.acquire(request).then(start);
          }, atMs);
        }
        for (const { process, atMs, ms } of stalls) {
          simulation.schedule(() => processes[process]!.stall(ms), atMs);
        }
        await simulation.run(60_000);
        await simulation.close();
        expect(starts).toHaveLength(calls.length);
        for (const [i, { limit, intervalMs }] of windows.entries()) {
          const taken = starts.filter(({ needs }) => needs.includes(i));
          expect(overfullSpans(taken, limit, intervalMs)).toEqual([]);
        }
      }),
      { numRuns: Number(process.env["HISTORIES"] ?? 25) },
    );
  });
});
