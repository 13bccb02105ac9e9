import { fc } from "@fast-check/vitest";
import type { Redis } from "ioredis";
import { beforeEach, describe, expect, it } from "vitest";
import type { SharedLimit } from "@/limits/shared-limits.js";
import { hasRedis } from "../support/redis-server.js";
import { type Start, violations } from "./support/check-starts.js";
import { useRedis } from "./support/use-redis.js";
import { Simulation } from "./support/simulation.js";

const LEASE_MS = 900;

const rate = (
  algorithm: "sliding-window" | "token-bucket",
  limit: number,
  intervalMs: number,
  jitterMs = 0,
) => ({ algorithm, limit, intervalMs, jitterMs, burst: limit });

const cap: SharedLimit = { name: "cap", concurrency: 2 };
const narrow: SharedLimit = { name: "narrow cap", concurrency: 1 };
const window: SharedLimit = {
  name: "window",
  rateLimit: rate("sliding-window", 4, 50, 3),
};
const bucket: SharedLimit = {
  name: "bucket",
  rateLimit: rate("token-bucket", 3, 40),
};
const both: SharedLimit = {
  name: "cap and window",
  concurrency: 2,
  rateLimit: rate("sliding-window", 3, 30),
};
const several: SharedLimit = {
  name: "several rates",
  rateLimit: [
    { ...rate("sliding-window", 2, 20, 2), counts: "calls" },
    rate("sliding-window", 4, 45),
    { ...rate("token-bucket", 4, 60), counts: "calls" },
  ],
};
const all = [cap, narrow, window, bucket, both, several];

const requests = fc.constantFrom(
  [cap],
  [window],
  [bucket],
  [both],
  [cap, window],
  [narrow, cap],
  [window, bucket],
  [both, bucket],
  [window, narrow],
  [cap, narrow, window, bucket],
  [several],
  [several, cap],
  [several, both],
);

const calls = fc.array(
  fc.record({
    limits: requests,
    cost: fc.integer({ min: 1, max: 3 }),
    process: fc.nat({ max: 3 }),
    atMs: fc.oneof(fc.constant(0), fc.nat({ max: 120 })),
    durationMs: fc.nat({ max: 25 }),
    abortMs: fc.option(fc.nat({ max: 60 }), { freq: 5 }),
    isCancelled: fc.nat({ max: 7 }).map((n) => n === 7),
  }),
  { minLength: 1, maxLength: 40 },
);

const history = fc.record({
  calls,
  /** When the server's clock goes back, and by how much. */
  jump: fc.option(
    fc.record({ atMs: fc.nat({ max: 200 }), byMs: fc.nat({ max: 5_000 }) }),
    { freq: 3 },
  ),
  /** When the last process dies. */
  deathMs: fc.option(fc.nat({ max: 150 }), { freq: 3 }),
  pauseMs: fc.option(fc.nat({ max: 100 }), { freq: 4 }),
});

type History = typeof history extends fc.Arbitrary<infer Value> ? Value : never;

describe.runIf(hasRedis)("many processes on one Redis", () => {
  const redis = useRedis();
  let client: Redis;
  let subscriber: Redis;
  beforeEach(() => {
    client = redis.client();
    subscriber = redis.client();
  });

  async function play({ calls, jump, deathMs, pauseMs }: History) {
    const simulation = new Simulation(client, subscriber);
    await simulation.open();
    const processes = [1, 2, 3, 4].map(() => simulation.start(LEASE_MS));
    const starts: Start[] = [];
    const open = new Set<number>();
    calls.forEach((call, id) => {
      const { limits, cost, process, atMs, durationMs, abortMs } = call;
      const isMortal = process === 3 && deathMs !== null;
      const { signal, abort } = createAbort();
      simulation.schedule(() => {
        if (isMortal && deathMs <= simulation.now) return;
        if (!isMortal) open.add(id);
        processes[process]!.limits.acquire({ limits, cost, signal }).then(
          (permit) => {
            const startAt = simulation.now;
            open.delete(id);
            if (call.isCancelled) {
              permit.cancel();
              return;
            }
            const endAt = startAt + durationMs;
            const diesAt = isMortal && deathMs < endAt ? deathMs : endAt;
            starts.push({ limits, cost, startAt, endAt: diesAt });
            simulation.schedule(() => {
              if (diesAt === endAt) permit.release();
            }, durationMs);
          },
          (reason: unknown) => {
            expect(reason).toBe("aborted");
            open.delete(id);
          },
        );
      }, atMs);
      if (abortMs !== null) simulation.schedule(abort, atMs + abortMs);
    });
    if (jump) {
      simulation.schedule(() => {
        simulation.skewMs -= jump.byMs;
      }, jump.atMs);
    }
    if (deathMs !== null) simulation.schedule(processes[3]!.kill, deathMs);
    if (pauseMs !== null) {
      simulation.schedule(
        () => processes[0]!.limits.pause(window, 30),
        pauseMs,
      );
    }
    await simulation.run(60_000);
    const left = await client.hlen(`{${simulation.prefix}}:slots:cap`);
    await simulation.close();
    return { starts, open, left, endAt: simulation.now, simulation };
  }

  it("keep to every limit and let everybody in", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (one) => {
        const { starts, open, left, endAt } = await play(one);
        expect(violations(all, starts)).toEqual([]);
        expect([...open]).toEqual([]);
        // What a dead process holds is left until somebody else comes.
        expect(left).toBeLessThanOrEqual(one.deathMs === null ? 0 : 1);
        // Nothing but a death ever waits for a lease to end.
        const work = one.calls.reduce(
          (sum, { durationMs, cost }) => sum + durationMs + 25 * cost,
          500,
        );
        const lease = one.deathMs === null ? 0 : 2 * LEASE_MS;
        expect(endAt).toBeLessThan(work + lease);
      }),
      { numRuns: Number(process.env["HISTORIES"] ?? 60) },
    );
  });
});

function createAbort() {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    abort: () => controller.abort("aborted"),
  };
}
