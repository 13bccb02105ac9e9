import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SharedLimit, SharedLimits } from "@/limits/shared-limits.js";
import { redisLimits } from "@/redis/redis-limits.js";
import { hasOwnRedis, RedisServer } from "../support/redis-server.js";

const INTERVAL_MS = 400;
const cap: SharedLimit = { name: "resource cap", concurrency: 2 };
const rate: SharedLimit = {
  name: "resource rate",
  rateLimit: {
    algorithm: "sliding-window",
    limit: 4,
    intervalMs: INTERVAL_MS,
    // A start may be late by half of it, as on a machine that is busy.
    jitterMs: 100,
    burst: 4,
  },
};

describe.runIf(hasOwnRedis)(
  "a process whose Redis goes and comes back",
  { timeout: 60_000 },
  () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    let server: RedisServer;
    let client: Redis;
    let limits: SharedLimits;
    beforeEach(async () => {
      server = await RedisServer.create();
      client = new Redis(server.url, { retryStrategy: () => 30 });
      client.on("error", () => {});
      await client.ping();
      limits = redisLimits({
        client,
        prefix: "transitions",
        leaseMs: 1_000,
        commandTimeoutMs: 100,
      });
    });
    afterEach(async () => {
      client.disconnect();
      await server.remove();
    });

    /** Runs calls, a few always waiting, and disturbs Redis at some of them. */
    async function load(
      of: readonly SharedLimit[],
      count: number,
      disturb: Readonly<Record<number, () => unknown>>,
    ) {
      const starts: number[] = [];
      let running = 0;
      let most = 0;
      const { signal } = new AbortController();
      const worker = async () => {
        while (starts.length < count) {
          const permit = await limits.acquire({ limits: of, cost: 1, signal });
          running += 1;
          most = Math.max(most, running);
          void disturb[starts.push(performance.now())]?.();
          // Short and long ones, so that some run while Redis goes and comes.
          await sleep(starts.length % 3 === 0 ? 250 : 30);
          running -= 1;
          permit.release();
        }
      };
      await Promise.all([1, 2, 3, 4, 5, 6].map(worker));
      return { starts, most };
    }

    /** The most starts in any interval. */
    const worst = (starts: readonly number[]) =>
      Math.max(
        ...starts.map(
          (from) =>
            starts.filter((at) => at >= from && at < from + INTERVAL_MS).length,
        ),
      );

    const kinds = [
      [
        "stops answering, and remembers",
        () => server.freeze(),
        () => server.resume(),
      ],
      [
        "is restarted, and has forgotten all",
        () => server.stop(),
        () => server.start(),
      ],
    ] as const;

    it.each(kinds)(
      "never has more calls running than its cap if it %s",
      async (_what, go, comeBack) => {
        const { most } = await load([cap], 40, {
          6: go,
          14: comeBack,
          24: go,
          32: comeBack,
        });
        expect(most).toBe(2);
      },
    );

    it.each(kinds)(
      "never starts more than its rate in an interval if it %s",
      async (_what, go, comeBack) => {
        const { starts } = await load([rate], 40, {
          6: go,
          14: comeBack,
          25: go,
          31: comeBack,
        });
        expect(worst(starts)).toBe(4);
      },
    );

    it.each(kinds)(
      "keeps to a cap and a rate of one call if it %s",
      async (_what, go, comeBack) => {
        const { starts, most } = await load([cap, rate], 40, {
          6: go,
          14: comeBack,
          25: go,
          31: comeBack,
        });
        expect(most).toBe(2);
        expect(worst(starts)).toBeLessThanOrEqual(4);
      },
    );

    it("keeps to its rate if it is restarted before anybody asks", async () => {
      const { signal } = new AbortController();
      const starts: number[] = [];
      const ask = async () => {
        await limits.acquire({ limits: [rate], cost: 1, signal });
        starts.push(performance.now());
      };
      await Promise.all([1, 2, 3, 4].map(ask));
      await server.stop();
      await server.start();
      await vi.waitUntil(() => client.status === "ready");
      await Promise.all([1, 2, 3, 4].map(ask));
      expect(worst(starts)).toBe(4);
    });
  },
);
