import type { Redis } from "ioredis";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";
import type { SharedLimit, SharedLimits } from "@/limits/shared-limits.js";
import { hasRedis } from "../support/redis-server.js";
import { RedisUnderTest } from "./support/redis-under-test.js";
import { Simulation } from "./support/simulation.js";

const rate = (limit: number, intervalMs: number, name = "rate") =>
  ({
    name,
    rateLimit: {
      algorithm: "sliding-window",
      limit,
      intervalMs,
      jitterMs: 0,
      burst: limit,
    },
  }) satisfies SharedLimit;
const bucket: SharedLimit = {
  name: "bucket",
  rateLimit: {
    algorithm: "token-bucket",
    limit: 10,
    intervalMs: 1_000,
    jitterMs: 30,
    burst: 2,
  },
};
const cap: SharedLimit = { name: "cap", concurrency: 1 };

describe.runIf(hasRedis)("limits of several processes", () => {
  let redis: RedisUnderTest;
  let client: Redis;
  let subscriber: Redis;
  let simulation: Simulation;
  let log: string[];
  beforeAll(async () => {
    redis = await RedisUnderTest.open();
    client = redis.client();
    subscriber = redis.client();
  });
  beforeEach(async () => {
    log = [];
    simulation = new Simulation(client, subscriber);
    await simulation.open();
  });
  afterEach(() => simulation.close());
  afterAll(() => redis.close());

  interface Asking {
    cost?: number;
    /** For how long the permit is kept. */
    forMs?: number;
    signal?: AbortSignal;
    end?: "release" | "cancel";
  }

  /** Asks at `atMs`, and logs when it got its permit. */
  function ask(
    limits: SharedLimits,
    id: string,
    atMs: number,
    of: readonly SharedLimit[],
    asking: Asking = {},
  ): void {
    const { cost = 1, forMs = 0, end = "release" } = asking;
    const { signal = new AbortController().signal } = asking;
    simulation.schedule(() => {
      limits.acquire({ limits: of, cost, signal }).then(
        (permit) => {
          log.push(`${simulation.now} ${id}`);
          simulation.schedule(() => permit[end](), forMs);
        },
        () => log.push(`${simulation.now} ${id} gone`),
      );
    }, atMs);
  }

  const keysLike = (pattern: string) =>
    client.keys(`{${simulation.prefix}}:${pattern}`);

  it("a cheap call doesn't overtake a dear one that waits for the same rate", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    const other = rate(9, 1_000, "other");
    ask(one.limits, "a", 0, [rate(3, 100), other], { cost: 2 });
    ask(one.limits, "dear", 1, [rate(3, 100), other], { cost: 3 });
    for (const at of [2, 30, 60, 90, 101]) {
      ask(two.limits, `cheap ${at}`, at, [rate(3, 100), other]);
    }
    await simulation.run();
    expect(log.slice(0, 3)).toEqual(["0 a", "100 dear", "200 cheap 2"]);
  });

  it("a call that books ahead doesn't overtake one that can't", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    const tight = rate(1, 50);
    for (const at of [0, 1, 2]) ask(two.limits, `b${at}`, at, [tight]);
    ask(one.limits, "both", 3, [cap, tight]);
    for (const at of [4, 5, 6]) ask(two.limits, `b${at}`, at, [tight]);
    await simulation.run();
    expect(log).toEqual([
      "0 b0",
      "50 b1",
      "100 b2",
      "150 both",
      "200 b4",
      "250 b5",
      "300 b6",
    ]);
  });

  it("who moves from a cap to a rate starts when the rate has room", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    ask(one.limits, "a", 0, [cap], { forMs: 50 });
    ask(two.limits, "x", 1, [cap, rate(1, 100)]);
    ask(one.limits, "r", 40, [rate(1, 100)]);
    await simulation.run();
    expect(log).toEqual(["0 a", "40 r", "140 x"]);
  });

  it("who moves to another queue stands there by when it came", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    const big: SharedLimit = { name: "big", concurrency: 9 };
    ask(one.limits, "r", 0, [rate(1, 100)]);
    ask(one.limits, "a", 0, [cap], { forMs: 50 });
    ask(one.limits, "v", 1, [cap]);
    ask(two.limits, "w", 2, [rate(1, 100), big]);
    ask(two.limits, "x", 3, [cap, rate(1, 100)]);
    await simulation.run();
    expect(log).toEqual(["0 r", "0 a", "50 v", "100 w", "200 x"]);
  });

  it("a process that waits for itself says no more than that it lives", async () => {
    const one = simulation.start(900);
    ask(one.limits, "a", 0, [cap], { forMs: 3_100 });
    ask(one.limits, "b", 1, [cap]);
    await simulation.run(3_050);
    // Two requests, one more when the subscription was there, ten renewals.
    expect(simulation.calls).toBe(13);
    await simulation.run();
    expect(log).toEqual(["0 a", "3100 b"]);
  });

  it("a booked start that is given up goes to the next call of the process", async () => {
    const one = simulation.start();
    const controller = new AbortController();
    const { signal } = controller;
    ask(one.limits, "a", 0, [rate(1, 100)]);
    ask(one.limits, "b", 1, [rate(1, 100)], { signal });
    ask(one.limits, "c", 2, [rate(1, 100)]);
    simulation.schedule(() => controller.abort(), 50);
    // Behind c, whose slot has been taken back.
    ask(one.limits, "d", 51, [rate(1, 100)]);
    await simulation.run();
    expect(log).toEqual(["0 a", "50 b gone", "100 c", "200 d"]);
  });

  it("booked starts that are given up together are all taken back", async () => {
    const one = simulation.start();
    const controller = new AbortController();
    const { signal } = controller;
    ask(one.limits, "a", 0, [bucket], { cost: 2 });
    for (const id of ["b", "c", "d"]) {
      ask(one.limits, id, 1, [bucket], { signal });
    }
    simulation.schedule(() => controller.abort(), 50);
    ask(one.limits, "e", 60, [bucket]);
    await simulation.run();
    expect(log.at(-1)).toBe("130 e");
  });

  it("a booked start lapses when others have booked behind it", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    for (const limit of [rate(1, 100), bucket]) {
      log.length = 0;
      const since = simulation.now;
      const controller = new AbortController();
      const { signal } = controller;
      ask(one.limits, "a", 0, [limit], { cost: limit === bucket ? 2 : 1 });
      ask(one.limits, "b", 1, [limit], { signal });
      ask(two.limits, "c", 2, [limit]);
      simulation.schedule(() => controller.abort(), 3);
      ask(one.limits, "d", 4, [limit]);
      await simulation.run();
      const first = limit === bucket ? 130 : 100;
      const step = 100;
      expect(log).toEqual([
        `${since} a`,
        `${since + 3} b gone`,
        `${since + first + step} c`,
        `${since + first + 2 * step} d`,
      ]);
    }
  });

  it("a start that was booked and not made counts for nothing if it's the last", async () => {
    const one = simulation.start();
    ask(one.limits, "a", 0, [bucket], { cost: 2, end: "cancel" });
    ask(one.limits, "b", 10, [bucket], { cost: 2 });
    ask(one.limits, "c", 20, [rate(1, 100)], { end: "cancel" });
    ask(one.limits, "d", 21, [rate(1, 100)]);
    ask(one.limits, "e", 22, [cap, bucket], { end: "cancel" });
    ask(one.limits, "f", 141, [bucket]);
    await simulation.run();
    expect(log).toEqual(["0 a", "10 b", "20 c", "21 d", "140 e", "141 f"]);
  });

  it("a permit that is cancelled too late helps nobody to an earlier start", async () => {
    const one = simulation.start();
    ask(one.limits, "a", 0, [rate(1, 100)], { forMs: 150, end: "cancel" });
    for (const id of ["b", "c", "d"]) ask(one.limits, id, 1, [rate(1, 100)]);
    await simulation.run();
    expect(log).toEqual(["0 a", "100 b", "200 c", "300 d"]);
  });

  it("nobody starts in a pause, whatever shorter one is asked for then", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    one.limits.pause(cap, 500);
    ask(two.limits, "a", 1, [cap]);
    simulation.schedule(() => two.limits.pause(cap, 10), 2);
    ask(one.limits, "b", 3, [rate(1, 100)]);
    ask(one.limits, "c", 3, [rate(1, 100)]);
    simulation.schedule(() => one.limits.pause(rate(1, 100), 300), 5);
    await simulation.run();
    expect(log).toEqual(["3 b", "305 c", "500 a"]);
  });

  it("starts that a pause puts off are booked anew, as if for the first time", async () => {
    const one = simulation.start();
    ask(one.limits, "a", 0, [bucket], { cost: 2 });
    for (const id of ["b", "c", "d"]) ask(one.limits, id, 1, [bucket]);
    simulation.schedule(() => one.limits.pause(bucket, 330), 10);
    await simulation.run();
    // The bucket has filled up in the meantime.
    expect(log).toEqual(["0 a", "340 b", "370 c", "470 d"]);
  });

  it("what a dead process has left is cleared away by who comes next", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    ask(one.limits, "a", 0, [cap], { forMs: 10_000 });
    ask(one.limits, "b", 1, [cap]);
    simulation.schedule(one.kill, 100);
    ask(two.limits, "c", 5_000, [rate(1, 100)]);
    await simulation.run();
    expect(log).toEqual(["0 a", "5000 c"]);
    expect(await keysLike("process:*")).toEqual([]);
    expect(await keysLike("slots:*")).toEqual([]);
    expect(await keysLike("queue:*")).toEqual([]);
    expect(await keysLike("alive")).toEqual([]);
  });

  it("a waiter takes over from a dead process the moment its lease ends", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    ask(one.limits, "a", 0, [cap], { forMs: 10_000 });
    ask(two.limits, "b", 10, [cap]);
    ask(two.limits, "c", 20, [cap]);
    simulation.schedule(one.kill, 350);
    await simulation.run();
    // Last renewed at 300, for 900 ms.
    expect(log).toEqual(["0 a", "1201 b", "1201 c"]);
  });

  it("who is first in a queue and dies holds up nobody for longer than its lease", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    ask(one.limits, "a", 0, [cap, rate(1, 200)]);
    ask(one.limits, "b", 1, [cap, rate(1, 200)]);
    ask(two.limits, "c", 2, [cap, rate(1, 200)]);
    simulation.schedule(one.kill, 100);
    await simulation.run();
    expect(log[0]).toBe("0 a");
    expect(log[1]).toMatch(/ c$/);
    expect(Number.parseInt(log[1]!, 10)).toBeLessThanOrEqual(1_201);
  });

  it("a process says at once what it holds when Redis has lost it", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    ask(one.limits, "a", 0, [cap], { forMs: 200 });
    simulation.schedule(() => {
      void client.del(
        `{${simulation.prefix}}:alive`,
        `{${simulation.prefix}}:slots:cap`,
        ...processKeys,
      );
    }, 50);
    let processKeys: string[] = [];
    await simulation.run(40);
    processKeys = await keysLike("process:*");
    ask(one.limits, "b", 60, [rate(1, 100)]);
    ask(two.limits, "c", 70, [cap]);
    await simulation.run();
    expect(log).toEqual(["0 a", "60 b", "200 c"]);
  });

  it("other numbers for a name hold for who names them", async () => {
    const [one, two] = [simulation.start(), simulation.start()];
    const wide: SharedLimit = { name: "cap", concurrency: 2 };
    ask(one.limits, "a", 0, [cap], { forMs: 50 });
    ask(two.limits, "b", 1, [wide], { forMs: 50 });
    ask(one.limits, "c", 2, [cap]);
    ask(one.limits, "d", 60, [rate(1, 100)]);
    ask(one.limits, "e", 61, [rate(1, 100)]);
    // First come, first served all the same.
    ask(two.limits, "f", 62, [rate(9, 100)]);
    await simulation.run();
    expect(log).toEqual(["0 a", "1 b", "51 c", "60 d", "160 e", "160 f"]);
  });

  it("a clock that goes back by an hour makes nobody wait for an hour", async () => {
    const one = simulation.start();
    ask(one.limits, "a", 0, [rate(1, 100)]);
    simulation.schedule(() => {
      simulation.skewMs = -3_600_000;
    }, 50);
    ask(one.limits, "b", 60, [rate(1, 100), cap]);
    ask(one.limits, "c", 61, [rate(1, 100), cap]);
    await simulation.run();
    expect(log.map((line) => line.split(" ")[1])).toEqual(["a", "b", "c"]);
    expect(Number.parseInt(log[2]!, 10)).toBeLessThanOrEqual(300);
  });

  it("keeps to a rate of thirty years, and of a microsecond", async () => {
    const one = simulation.start();
    const controller = new AbortController();
    const { signal } = controller;
    const ages = rate(1, 1e300, "ages");
    ask(one.limits, "a", 0, [ages]);
    ask(one.limits, "b", 1, [ages], { signal });
    simulation.schedule(() => controller.abort(), 10);
    const blink = rate(2 ** 53 - 1, 1e-9, "blink");
    ask(one.limits, "c", 20, [blink], { cost: 2 ** 52 });
    ask(one.limits, "d", 21, [blink], { cost: 2 ** 52 });
    await simulation.run();
    expect(log).toEqual(["0 a", "10 b gone", "20 c", "21 d"]);
  });
});
