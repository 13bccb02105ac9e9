import { describe, expect, it, vi } from "vitest";
import type { SharedLimit, SharedLimits } from "@/limits/shared-limits.js";
import { redisLimits } from "@/redis/redis-limits.js";
import { hasRedis } from "../support/redis-server.js";
import { useRedis } from "./support/use-redis.js";

const db: SharedLimit = { name: "resource db", concurrency: 1 };

const { signal } = new AbortController();
const acquire = (limits: SharedLimits, limit: SharedLimit) =>
  limits.acquire({ limits: [limit], cost: 1, signal });

describe.runIf(hasRedis)(
  "limits to whose channels a stranger publishes",
  () => {
    const redis = useRedis();

    it("are not disturbed", async () => {
      const prefix = redis.prefix();
      const limits = redis.limits(prefix);
      const permit = await acquire(limits, db);
      const waits = acquire(limits, db);
      const admin = redis.client();
      const channels = () => admin.pubsub("CHANNELS", `{${prefix}}:to:*`);
      await vi.waitUntil(
        async () => ((await channels()) as string[]).length === 1,
      );
      const [channel] = (await channels()) as [string];
      for (const message of [
        "",
        "{}",
        "null",
        "[1]",
        '[["look","resource db","-1"]]',
        '[["look","resource db","1e400"],["lost"]]',
        '[["booked","999","0","0"],["granted","999","0"],["queued","2"]]',
        '[["granted"],["granted",{}]]',
        `[["look","x","0"]${',["look","x","0"]'.repeat(100)}]`,
        "[".repeat(10_000),
      ]) {
        await admin.publish(channel, message);
      }
      permit.release();
      (await waits).release();
    });

    it("put nothing off because a stranger says so", async () => {
      const prefix = redis.prefix();
      const client = redis.client();
      const limits = redisLimits({ client, prefix });
      const slow: SharedLimit = {
        name: "tool slow",
        rateLimit: {
          algorithm: "sliding-window",
          limit: 1,
          intervalMs: 300,
          // Who is later than half of that has to ask again.
          jitterMs: 600,
          burst: 1,
        },
      };
      const permit = await acquire(limits, db);
      const waits = acquire(limits, db);
      await acquire(limits, slow);
      const booked = acquire(limits, slow);
      const admin = redis.client();
      const channels = () => admin.pubsub("CHANNELS", `{${prefix}}:to:*`);
      await vi.waitUntil(
        async () => ((await channels()) as string[]).length === 1,
      );
      // Until it has said again what it waits for: its subscription is there.
      await acquire(limits, { name: "other", concurrency: 1 });
      const send = vi.spyOn(client, "sendCommand");
      const [channel] = (await channels()) as [string];
      await admin.publish(
        channel,
        '[["paused","tool slow","1999999999999999"]]',
      );
      await booked;
      expect(send).not.toHaveBeenCalled();
      permit.release();
      (await waits).release();
    });
  },
);
