import { Redis, type RedisOptions } from "ioredis";
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
import type { SharedLimit, SharedLimits } from "@/limits/shared-limits.js";
import { redisLimits } from "@/redis/redis-limits.js";
import { hasOwnRedis, RedisServer } from "../support/redis-server.js";

const db: SharedLimit = { name: "resource db", concurrency: 1 };
const other: SharedLimit = { name: "resource other", concurrency: 1 };

/** What each user lacks, what the warning says of it, and what is to be added. */
const USERS = [
  [
    "a right to the channel",
    ["+@all", "resetchannels"],
    "Messages from Redis don't arrive in this process (NOPERM this user has no permissions to access one of the channels used as arguments).",
    "+subscribe &{my-agent}:to:*",
  ],
  [
    "the right to subscribe",
    ["+@all", "-subscribe", "allchannels"],
    "Messages from Redis don't arrive in this process (NOPERM this user has no permissions to run the 'subscribe' command).",
    "+subscribe",
  ],
  [
    "the right to publish",
    ["+@all", "-publish", "allchannels"],
    "Messages of this process don't reach others (ERR The user executing the script can't run this command or subcommand).",
    "+publish",
  ],
  [
    "all rights to messages",
    ["+@all", "-@pubsub", "resetchannels"],
    "Messages from Redis don't arrive in this process (NOPERM this user has no permissions to run the 'subscribe' command).",
    "+subscribe &{my-agent}:to:* +publish",
  ],
] as const;

const acquire = (limits: SharedLimits, limit: SharedLimit) =>
  limits.acquire({
    limits: [limit],
    cost: 1,
    signal: new AbortController().signal,
  });

const until = (isSo: () => unknown) => vi.waitUntil(isSo, { timeout: 10_000 });

describe.runIf(hasOwnRedis)("limits in Redis", { timeout: 30_000 }, () => {
  let server: RedisServer;
  let admin: Redis;
  const clients: Redis[] = [];
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  beforeAll(async () => {
    server = await RedisServer.create();
    admin = new Redis(server.url);
  });
  beforeEach(() => warn.mockClear());
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await admin.flushall();
  });
  afterAll(async () => {
    admin.disconnect();
    await server.remove();
  });

  function connect(
    user: Pick<RedisOptions, "username" | "password"> = {},
  ): Redis {
    const client = new Redis(server.url, { retryStrategy: () => 30, ...user });
    client.on("error", () => {});
    clients.push(client);
    return client;
  }

  /** A lease so long that no renewal of it makes up for a message. */
  const limitsOf = (client: Redis) =>
    redisLimits({ client, prefix: "my-agent", leaseMs: 3_600_000 });

  const setUser = (name: string, rules: readonly string[]) =>
    admin.call("ACL", "SETUSER", name, "reset", "on", "~*", ">pw", ...rules);

  const subscribers = async () => {
    const channels = await admin.pubsub("CHANNELS", "{my-agent}:to:*");
    return (channels as string[]).length;
  };

  /** Not those of an outage: on a busy machine Redis may answer late. */
  const warnings = () =>
    warn.mock.calls
      .map(([text]) => String(text))
      .filter((text) => !text.includes("can't be asked"));

  async function passOn(one: SharedLimits, two: SharedLimits): Promise<void> {
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      const held = await acquire(from, db);
      const waiting = acquire(to, db);
      // Behind the one that waits.
      (await acquire(to, other)).release();
      held.release();
      (await waiting).release();
    }
  }

  it.each(USERS)(
    "pass slots on for a user that lacks %s, and say so once",
    async (_what, rules, problem, rights) => {
      await setUser("agent", rules);
      const user = { username: "agent", password: "pw" };
      const [one, two] = [connect(user), connect(user)].map(limitsOf);
      await passOn(one!, two!);
      await passOn(one!, two!);
      await until(() => warnings().length === 2);
      expect(new Set(warnings())).toEqual(
        new Set([
          `parallel-tools-node: ${problem} Until they do, calls that wait for a slot ask for it, every 20 ms to 1 s. The Redis user needs +subscribe, +publish and &{my-agent}:to:*, of which it lacks some: ACL SETUSER agent ${rights}`,
        ]),
      );
      // Exactly what Redis wants to hear.
      await admin.call("ACL", "SETUSER", "agent", ...rights.split(" "));
      const held = await acquire(one!, db);
      const waiting = acquire(two!, db);
      await until(async () => (await subscribers()) > 0);
      held.release();
      (await waiting).release();
    },
  );

  it("pass slots on from a process that may not publish to one that may", async () => {
    await setUser("mute", ["+@all", "-publish", "allchannels"]);
    const mute = limitsOf(connect({ username: "mute", password: "pw" }));
    await passOn(mute, limitsOf(connect()));
    expect(warnings()).toHaveLength(1);
  });

  it("take no slot and no message that a refusal then hides", async () => {
    await setUser("mute", ["+@all", "-publish", "allchannels"]);
    const mute = limitsOf(connect({ username: "mute", password: "pw" }));
    const sound = limitsOf(connect());
    const held = await acquire(mute, db);
    const waiting = acquire(sound, db);
    (await acquire(sound, other)).release();
    held.release();
    (await waiting).release();
    (await acquire(mute, db)).release();
    (await acquire(mute, other)).release();
    expect(await admin.hlen("{my-agent}:slots:resource db")).toBe(0);
  });

  it("pass slots on where Redis takes no second connection", async () => {
    const two = [connect(), connect()];
    await Promise.all(two.map((client) => client.ping()));
    const [, most] = await admin.config("GET", "maxclients");
    const list = (await admin.call("CLIENT", "LIST")) as string;
    const count = list.trim().split("\n").length;
    await admin.config("SET", "maxclients", String(count));
    try {
      const [one, another] = two.map(limitsOf);
      await passOn(one!, another!);
      const held = await acquire(one!, db);
      const waiting = acquire(another!, db);
      await until(() => warnings().length > 0);
      held.release();
      (await waiting).release();
      // What the socket says of it depends on what is faster.
      expect(warnings()[0]).toMatch(
        / They come on a connection of their own, which is made with `client\.duplicate\(\)`: make sure that Redis takes another one \(`maxclients`\)\.$/,
      );
    } finally {
      await admin.config("SET", "maxclients", most!);
    }
  });

  it("open the second connection with the password that the client has by then", async () => {
    await setUser("agent", ["+@all", "allchannels"]);
    const client = connect({ username: "agent", password: "pw" });
    const limits = limitsOf(client);
    const held = await acquire(limits, db);
    const waiting = acquire(limits, db);
    await until(async () => (await subscribers()) === 1);
    await admin.call("ACL", "SETUSER", "agent", "resetpass", ">new");
    await admin.call("CLIENT", "KILL", "TYPE", "pubsub");
    await until(() => warnings().length === 1);
    expect(warnings()[0]).toMatch(/WRONGPASS .* keep that up to date\.$/);
    client.options.password = "new";
    await until(async () => (await subscribers()) === 1);
    held.release();
    (await waiting).release();
    expect(warnings()).toHaveLength(1);
  });

  it("leave no listener on a client when a hundred of them are gone", async () => {
    const onWarning = vi.fn<(warning: Error) => void>();
    process.on("warning", onWarning);
    const client = connect();
    await client.ping();
    const events = ["ready", "close", "end"];
    const count = () => events.map((event) => client.listenerCount(event));
    const before = count();
    const all = Array.from({ length: 100 }, () => limitsOf(client));
    await Promise.all(
      all.map(async (limits) => (await acquire(limits, db)).release()),
    );
    expect(count()).toEqual(before.map((listeners) => listeners + 1));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", onWarning);
    expect(onWarning).not.toHaveBeenCalled();
  });
});
