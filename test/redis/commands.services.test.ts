import { Cluster, Redis } from "ioredis";
import { describe, expect, it, vi } from "vitest";
import type { SharedLimit, SharedLimits } from "@/limits/shared-limits.js";
import { redisLimits } from "@/redis/redis-limits.js";
import { hasOwnRedis, hasRedis, RedisServer } from "../support/redis-server.js";
import { useRedis } from "./support/use-redis.js";

const db: SharedLimit = { name: "resource db", concurrency: 1 };
const api = {
  name: "resource api",
  rateLimit: {
    algorithm: "sliding-window",
    limit: 2,
    intervalMs: 10,
    // Who is later than half of that has to ask again.
    jitterMs: 130,
    burst: 2,
  },
} satisfies SharedLimit;
const bucket: SharedLimit = {
  name: "tool bücket",
  concurrency: 5,
  rateLimit: {
    algorithm: "token-bucket",
    limit: 20,
    intervalMs: 600,
    jitterMs: 90,
    burst: 5,
  },
};

const acquire = (
  limits: SharedLimits,
  limit: SharedLimit,
  { cost = 1, signal = new AbortController().signal } = {},
) => limits.acquire({ limits: [limit], cost, signal });

describe.runIf(hasRedis)("limits in Redis", { timeout: 30_000 }, () => {
  const redis = useRedis();

  /** Limits, and the names of all commands that they have sent. */
  async function counted(prefix = redis.prefix()) {
    const client = redis.client();
    await client.ping();
    const limits = redisLimits({ client, prefix });
    await acquire(limits, { name: "loads the script", concurrency: 9 });
    const commands: string[] = [];
    const send = client.sendCommand.bind(client);
    client.sendCommand = (command, ...rest) => {
      commands.push(command.name);
      return send(command, ...rest);
    };
    return { client, limits, commands, prefix };
  }

  it("book a burst of starts with one command, and give back with none", async () => {
    const { limits, commands } = await counted();
    const permits = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(() => acquire(limits, api)),
    );
    for (const permit of permits) permit.release();
    await acquire(limits, { name: "other", concurrency: 1 });
    expect(commands).toEqual(["evalsha", "evalsha"]);
  });

  it("need one command per start where slots pass from call to call", async () => {
    const prefix = redis.prefix();
    const first = await counted(prefix);
    const second = await counted(prefix);
    let permit = await acquire(first.limits, db);
    // The first wait opens a connection, and asks again when it is there.
    const opening = acquire(second.limits, db);
    permit.release();
    permit = await opening;
    const queue = Array.from({ length: 20 }, () => acquire(second.limits, db));
    await acquire(second.limits, { name: "other", concurrency: 1 });
    second.commands.length = 0;
    for (const next of queue) {
      permit.release();
      permit = await next;
    }
    expect(second.commands.length).toBeLessThanOrEqual(queue.length + 2);
    permit.release();
  });

  it("wait for a rate behind a cap without asking again and again", async () => {
    const prefix = redis.prefix();
    const all = await Promise.all([1, 2, 3].map(() => counted(prefix)));
    const permits = all.flatMap(({ limits }) =>
      Array.from({ length: 4 }, async () => {
        (await acquire(limits, bucket)).release();
      }),
    );
    await Promise.all(permits);
    const sent = all.reduce((sum, { commands }) => sum + commands.length, 0);
    // One to ask, one look and one release per start are 36.
    expect(sent).toBeLessThanOrEqual(40);
  });

  it("are sent in full after the server has lost the script", async () => {
    const { client, limits, commands } = await counted();
    await client.script("FLUSH");
    commands.length = 0;
    (await acquire(limits, db)).release();
    (await acquire(limits, db)).release();
    await acquire(limits, db);
    expect(commands.slice(0, 2)).toEqual(["evalsha", "eval"]);
    expect(commands.slice(2)).not.toContain("eval");
  });

  it("keep nothing without an end, and all of it under one hash tag", async () => {
    const prefix = redis.prefix();
    const limits = redis.limits(prefix);
    const other = redis.limits(prefix);
    await acquire(limits, db);
    const controller = new AbortController();
    const { signal } = controller;
    const waits = acquire(other, db, { signal }).catch(() => "gone");
    await acquire(limits, api);
    await acquire(limits, bucket);
    limits.pause({ name: "tool t" }, 60_000);
    await acquire(other, { name: "other", concurrency: 1 });
    await acquire(limits, { name: "other 2", concurrency: 1 });
    const keys = await redis.keys(prefix);
    const kinds = new Set(keys.map((key) => key.split(":")[1]));
    expect(kinds).toEqual(
      new Set([
        "clock",
        "alive",
        "process",
        "slots",
        "queue",
        "declared",
        "log",
        "levels",
        "pause",
      ]),
    );
    const client = redis.client();
    for (const key of keys) {
      expect(key.startsWith(`{${prefix}}:`)).toBe(true);
      expect([key, await client.pttl(key)]).toEqual([key, expect.any(Number)]);
      expect(await client.pttl(key)).toBeGreaterThan(0);
    }
    controller.abort();
    expect(await waits).toBe("gone");
  });

  it("leave nothing of a process behind that holds and waits for nothing", async () => {
    const prefix = redis.prefix();
    const limits = redis.limits(prefix);
    const controller = new AbortController();
    const { signal } = controller;
    const permit = await acquire(limits, db);
    const waits = acquire(limits, db, { signal }).catch(() => "gone");
    await acquire(limits, api);
    controller.abort();
    permit.release();
    expect(await waits).toBe("gone");
    await acquire(limits, api);
    const keys = await redis.keys(prefix);
    const kinds = new Set(keys.map((key) => key.split(":")[1]));
    expect(kinds).toEqual(new Set(["clock", "declared", "log"]));
  });

  it("work behind a key prefix of the client's own", async () => {
    const prefix = redis.prefix();
    const client = redis.track(new Redis(redis.url, { keyPrefix: "app:" }));
    const limits = redisLimits({ client, prefix });
    const other = redisLimits({
      client: redis.track(client.duplicate()),
      prefix,
    });
    const permit = await acquire(limits, db);
    const waits = acquire(other, db);
    await acquire(other, api);
    permit.release();
    (await waits).release();
    for (const key of await redis.keys(prefix)) {
      expect(key).toMatch(/^app:\{/);
    }
    await redis.client().del(...(await redis.keys(prefix)), "none");
  });

  it("put no more listeners on a client than at the beginning", async () => {
    const { client, limits } = await counted();
    const events = ["ready", "close", "end", "error"];
    const count = () => events.map((event) => client.listenerCount(event));
    const before = count();
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        (await acquire(limits, db)).release();
      }),
    );
    expect(count()).toEqual(before);
  });

  it("give an aborted start to the next call, and the last one back", async () => {
    const limits = redis.limits(redis.prefix());
    const slow: SharedLimit = {
      name: "tool slow",
      rateLimit: { ...api.rateLimit, limit: 1, intervalMs: 210, burst: 1 },
    };
    // Of the same rate, with calls that nobody aborts.
    const steady: SharedLimit = { ...slow, name: "tool steady" };
    const log: string[] = [];
    await Promise.all([acquire(limits, slow), acquire(limits, steady)]);
    const others = [1, 2, 3].map(async (place) => {
      await acquire(limits, steady);
      log.push(`steady ${place}`);
    });
    const controllers = [1, 2, 3].map(() => new AbortController());
    const [first, second, third] = controllers.map(({ signal }) =>
      acquire(limits, slow, { signal }).then(
        () => log.push("third"),
        () => "gone",
      ),
    );
    await acquire(limits, { name: "other", concurrency: 1 });
    controllers[0]!.abort();
    controllers[1]!.abort();
    expect(await Promise.all([first, second])).toEqual(["gone", "gone"]);
    await third;
    await acquire(limits, slow);
    log.push("next");
    await Promise.all(others);
    // Moved up from the third place to the first.
    expect(log.indexOf("third")).toBeLessThan(log.indexOf("steady 2"));
    // Two have been given back: this one comes next.
    expect(log.indexOf("next")).toBeLessThan(log.indexOf("steady 3"));
  });

  it("are shared fairly by processes that always want more", async () => {
    const prefix = redis.prefix();
    const busy: SharedLimit = { name: "resource busy", concurrency: 3 };
    const fast: SharedLimit = {
      name: "resource fast",
      rateLimit: {
        ...api.rateLimit,
        limit: 40,
        intervalMs: 10,
        jitterMs: 30,
        burst: 40,
      },
    };
    for (const limit of [busy, fast]) {
      const shares = [0, 0, 0, 0];
      let left = 800;
      await Promise.all(
        shares.flatMap((_, process) => {
          const limits = redis.limits(prefix);
          return Array.from({ length: 8 }, async () => {
            while (left > 0) {
              const permit = await acquire(limits, limit);
              left -= 1;
              shares[process]! += 1;
              await new Promise((resolve) => setImmediate(resolve));
              permit.release();
            }
          });
        }),
      );
      const fair = shares.reduce((sum, share) => sum + share) / 4;
      for (const share of shares) {
        expect(Math.abs(share - fair)).toBeLessThanOrEqual(0.2 * fair);
      }
    }
  });
});

describe.runIf(hasOwnRedis)("a Redis Cluster", { timeout: 30_000 }, () => {
  it("keeps limits as a single server does", async () => {
    const server = await RedisServer.create([
      "--cluster-enabled",
      "yes",
      "--cluster-announce-ip",
      "127.0.0.1",
    ]);
    const node = new Redis(server.url);
    const clients: Cluster[] = [];
    try {
      await node.cluster("ADDSLOTSRANGE", 0, 16_383);
      await vi.waitUntil(
        async () =>
          String(await node.cluster("INFO")).includes("cluster_state:ok"),
        { timeout: 20_000 },
      );
      clients.push(new Cluster([server.url]), new Cluster([server.url]));
      const [one, two] = clients.map((client) => redisLimits({ client }));
      const permit = await acquire(one!, db);
      const log: string[] = [];
      const waits = acquire(two!, db).then((next) => {
        log.push("next");
        next.release();
      });
      await acquire(two!, api);
      log.push("release");
      permit.release();
      await waits;
      expect(log).toEqual(["release", "next"]);
    } finally {
      for (const client of clients) client.disconnect();
      node.disconnect();
      await server.remove();
    }
  });
});
