import { Redis, type RedisOptions } from "ioredis";
import { LimitsUnavailableError } from "parallel-tools-node/redis";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  vi,
} from "vitest";
import type {
  Permit,
  SharedLimit,
  SharedLimits,
} from "@/limits/shared-limits.js";
import { redisLimits } from "@/redis/redis-limits.js";
import type { RedisLimitsOptions } from "@/redis/redis-limits-options.js";
import { hasOwnRedis, RedisServer } from "../support/redis-server.js";

const db: SharedLimit = { name: "resource db", concurrency: 1 };
const api: SharedLimit = {
  name: "resource api",
  rateLimit: {
    algorithm: "token-bucket",
    limit: 20,
    intervalMs: 1_000,
    jitterMs: 0,
    burst: 1,
  },
};

type ClientOptions = Pick<
  RedisOptions,
  "retryStrategy" | "enableOfflineQueue" | "lazyConnect"
>;

const until = (isSo: () => unknown) => vi.waitUntil(isSo, { timeout: 10_000 });
const eventually = <Value>(works: () => Promise<Value>) =>
  vi.waitFor(works, { timeout: 10_000 });

describe.runIf(hasOwnRedis)("while Redis is away", { timeout: 30_000 }, () => {
  let server: RedisServer;
  const clients: Redis[] = [];
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => unhandled.push(reason);
  beforeAll(async () => {
    process.on("unhandledRejection", onUnhandled);
    server = await RedisServer.create();
  });
  beforeEach(() => warn.mockClear());
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await server.stop();
    await server.start();
    expect(unhandled).toEqual([]);
  });
  afterAll(async () => {
    process.off("unhandledRejection", onUnhandled);
    await server.remove();
  });

  function connect(options: ClientOptions = {}): Redis {
    const client = new Redis(server.url, {
      retryStrategy: () => 30,
      ...options,
    });
    client.on("error", () => {});
    clients.push(client);
    return client;
  }

  function limitsOf(
    options: Partial<RedisLimitsOptions>,
    client = connect(),
  ): SharedLimits {
    return redisLimits({
      client,
      prefix: "outage",
      leaseMs: 1_000,
      commandTimeoutMs: 200,
      ...options,
    });
  }

  const acquire = (
    limits: SharedLimits,
    limit: SharedLimit,
    signal = new AbortController().signal,
  ): Promise<Permit> => limits.acquire({ limits: [limit], cost: 1, signal });

  const warnings = () => warn.mock.calls.map(([text]) => String(text));

  it("calls go by the limits of their process, and back to Redis after it", async () => {
    // The other one is back first, and says what it holds.
    const limits = limitsOf({}, connect({ retryStrategy: () => 300 }));
    const holder = connect();
    const other = limitsOf({}, holder);
    await acquire(other, db);
    const waiting = acquire(limits, db);
    await acquire(limits, api);
    await server.stop();
    // The slot that somebody else has is nothing to this process.
    const first = await waiting;
    const second = acquire(limits, db);
    first.release();
    const third = acquire(limits, db);
    const permit = await second;
    expect(warnings().length).toBeGreaterThan(0);
    await server.start();
    // It has moved to Redis, where the other process has said what it holds.
    const back = connect();
    await until(
      async () => (await back.hlen("{outage}:slots:resource db")) === 1,
    );
    await until(
      async () => (await back.zcard("{outage}:queue:resource db")) === 1,
    );
    permit.release();
    let isIn = false;
    void third.then(() => {
      isIn = true;
    });
    await acquire(limits, api);
    expect(isIn).toBe(false);
    holder.disconnect();
    await third;
    expect(new Set(warnings())).toEqual(
      new Set([
        "parallel-tools-node: Redis can't be asked for limits (the connection is closed). Until it is back, each process keeps the limits for itself.",
      ]),
    );
    expect(warnings().length).toBeLessThanOrEqual(2);
  });

  it("calls wait for it, those that waited before, too", async () => {
    const limits = limitsOf({ onUnavailable: "wait" });
    const held = await acquire(limits, db);
    const log: string[] = [];
    const waiting = acquire(limits, db).then((permit) => {
      log.push("db");
      return permit;
    });
    await acquire(limits, api);
    await server.stop();
    const controller = new AbortController();
    const aborted = acquire(limits, api, controller.signal);
    const rated = acquire(limits, api).then(() => log.push("api"));
    await until(() => warnings().length === 1);
    controller.abort("gone");
    await expect(aborted).rejects.toBe("gone");
    log.push("start");
    await server.start();
    await rated;
    log.push("release");
    held.release();
    await waiting;
    expect(log).toEqual(["start", "api", "release", "db"]);
    expect(warnings()).toEqual([
      "parallel-tools-node: Redis can't be asked for limits (the connection is closed). Calls wait until it is back.",
    ]);
  });

  it("calls fail, those that waited before, too, and work after it", async () => {
    const limits = limitsOf({ onUnavailable: "error" });
    await acquire(limits, api);
    const held = await acquire(limits, db);
    const waiting = acquire(limits, db);
    await acquire(limits, api);
    const failure = waiting.catch((error: unknown) => error);
    await server.stop();
    expect(LimitsUnavailableError.isInstance(await failure)).toBe(true);
    await expect(acquire(limits, api)).rejects.toThrow(
      "The limits that this tool shares with other processes can't be asked (the connection is closed), so the call was not run. With `onUnavailable` it can wait, or be limited in this process alone.",
    );
    await server.start();
    await eventually(() => acquire(limits, api));
    held.release();
    (await acquire(limits, db)).release();
    expect(warnings()).toHaveLength(1);
  });

  it("a pause holds in the process that asks for it", async () => {
    const limits = limitsOf({});
    await server.stop();
    (await acquire(limits, db)).release();
    const since = performance.now();
    limits.pause(db, 150);
    await acquire(limits, db);
    expect(performance.now() - since).toBeGreaterThanOrEqual(149);
  });

  it("a booked start keeps its time", async () => {
    const limits = limitsOf({ onUnavailable: "error" });
    const lenient: SharedLimit = {
      name: "resource lenient",
      rateLimit: {
        algorithm: "sliding-window",
        limit: 1,
        intervalMs: 10,
        jitterMs: 150,
        burst: 1,
      },
    };
    const all = [1, 2, 3, 4].map(() => acquire(limits, lenient));
    await all[1];
    await server.stop();
    await Promise.all(all);
  });

  it("a booked start that a pause puts off goes by the limits of its process", async () => {
    const limits = limitsOf({});
    const all = [1, 2, 3].map(() => acquire(limits, api));
    await all[0];
    await server.stop();
    await acquire(limits, db);
    const since = performance.now();
    limits.pause(api, 300);
    await Promise.all(all);
    expect(performance.now() - since).toBeGreaterThanOrEqual(299);
  });

  it("nobody waits for the client's own attempts to reconnect", async () => {
    await server.stop();
    const limits = limitsOf({}, connect({ retryStrategy: () => 10_000 }));
    const since = performance.now();
    await acquire(limits, db);
    expect(performance.now() - since).toBeLessThan(2_000);
  });

  it("a client without an offline queue may begin with a call", async () => {
    const client = connect({ enableOfflineQueue: false, lazyConnect: true });
    const limits = limitsOf({ onUnavailable: "error" }, client);
    (await acquire(limits, db)).release();
    expect(warnings()).toEqual([]);
  });

  it("a server that doesn't answer is away, and leaves no slot taken", async () => {
    const limits = limitsOf({ onUnavailable: "error" });
    await acquire(limits, api);
    server.freeze();
    await expect(acquire(limits, db)).rejects.toThrow(
      "(no answer within 200 ms)",
    );
    // What was sent is carried out now, for nobody.
    server.resume();
    await eventually(() => acquire(limits, api));
    (await acquire(limits, db)).release();
  });

  it("a server that answers with errors is away, until it doesn't", async () => {
    const limits = limitsOf({ onUnavailable: "wait" });
    const admin = connect();
    await admin.config("SET", "maxmemory", "1");
    const waiting = acquire(limits, db);
    await until(() => warnings().length === 1);
    expect(warnings()[0]).toMatch(/\(OOM command not allowed/);
    await admin.config("SET", "maxmemory", "0");
    await waiting;
  });

  it("a restart with empty memory is made up for by who holds slots", async () => {
    const limits = limitsOf({ onUnavailable: "wait" });
    const other = limitsOf({ onUnavailable: "wait" });
    const held = await acquire(limits, db);
    await server.stop();
    await server.start();
    const admin = connect();
    await until(
      async () => (await admin.hlen("{outage}:slots:resource db")) === 1,
    );
    const log: string[] = [];
    const waits = acquire(other, db).then(() => log.push("other"));
    await acquire(other, api);
    log.push("release");
    held.release();
    await waits;
    expect(log).toEqual(["release", "other"]);
  });

  it("a message that gets lost with its connection is made up for", async () => {
    const limits = limitsOf({ onUnavailable: "error" });
    const other = limitsOf({ onUnavailable: "error" });
    const held = await acquire(limits, db);
    const waiting = acquire(other, db);
    await acquire(other, api);
    const admin = connect();
    await until(async () => {
      const channels = await admin.pubsub("CHANNELS", "{outage}:to:*");
      return (channels as string[]).length === 1;
    });
    // The permit is published before the subscription is back.
    held.release();
    await admin.call("CLIENT", "KILL", "TYPE", "pubsub");
    (await waiting).release();
    expect(warnings()).toEqual([]);
  });

  it("a connection for messages that has ended for good is opened anew", async () => {
    const limits = limitsOf({}, connect({ retryStrategy: () => null }));
    const admin = connect();
    const channels = async () =>
      ((await admin.pubsub("CHANNELS", "{outage}:to:*")) as string[]).length;
    for (const killed of [true, false]) {
      const held = await acquire(limits, db);
      const waiting = acquire(limits, db);
      await until(async () => (await channels()) === 1);
      if (killed) {
        await admin.call("CLIENT", "KILL", "TYPE", "pubsub");
        await until(async () => (await channels()) === 0);
      }
      held.release();
      (await waiting).release();
    }
    expect(warnings()).toEqual([]);
  });
});
