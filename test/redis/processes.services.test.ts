import { afterEach, describe, expect, it, vi } from "vitest";
import { hasRedis } from "../support/redis-server.js";
import { Worker } from "./support/child-process.js";
import { useRedis } from "./support/use-redis.js";

const cap = { name: "resource db", concurrency: 1 };
const { signal } = new AbortController();
/** That of the worker, too. */
const LEASE_MS = 600;

describe.runIf(hasRedis)("a process", { timeout: 30_000 }, () => {
  const redis = useRedis();
  const workers: Worker[] = [];
  afterEach(() => {
    for (const worker of workers.splice(0)) worker.kill();
  });

  function start(prefix: string, task: string): Worker {
    const worker = new Worker(redis.url, prefix, task);
    workers.push(worker);
    return worker;
  }

  /** Until the leases end that much later than when it began to look. */
  async function untilRenewed(prefix: string, ms: number): Promise<void> {
    const client = redis.client();
    const leaseEnd = async () => {
      const key = `{${prefix}}:alive`;
      const [, score] = await client.zrange(key, "0", "0", "WITHSCORES");
      return Number(score) / 1_000;
    };
    const since = await leaseEnd();
    while ((await leaseEnd()) < since + ms) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it("that is killed loses its slots when its lease ends, and not before", async () => {
    const prefix = redis.prefix();
    const limits = redis.limits(prefix, { leaseMs: LEASE_MS });
    const worker = start(prefix, "hold");
    await worker.says("holds");
    const log: string[] = [];
    const waits = limits
      .acquire({ limits: [cap], cost: 1, signal })
      .then((permit) => {
        log.push("taken over");
        return permit;
      });
    await untilRenewed(prefix, 2 * LEASE_MS);
    expect(log).toEqual([]);
    worker.kill();
    await worker.ends();
    log.push("killed");
    // Nobody waits longer than for the lease that was left.
    const late = setTimeout(() => log.push("a lease too late"), 2 * LEASE_MS);
    (await waits).release();
    clearTimeout(late);
    expect(log).toEqual(["killed", "taken over"]);
  });

  it("that declares less than two others do holds them to it until its lease ends", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const prefix = redis.prefix();
    const limits = redis.limits(prefix, { leaseMs: LEASE_MS });
    const old = start(prefix, "hold");
    await old.says("holds");
    const log: string[] = [];
    const other = start(prefix, "hold two of three");
    await other.says("asks");
    const both = other.says("holds both").then(() => log.push("both"));
    const wide = { ...cap, concurrency: 3 };
    const own = limits
      .acquire({ limits: [wide], cost: 1, signal })
      .then(() => log.push("own"));
    await untilRenewed(prefix, 2 * LEASE_MS);
    expect(log).toEqual([]);
    old.kill();
    // All three run at once: nobody gives a slot back.
    await Promise.all([both, own]);
    expect(vi.mocked(console.warn).mock.calls).toEqual([
      [expect.stringContaining("3 at once here, 1 at once elsewhere")],
    ]);
    vi.restoreAllMocks();
  });

  it.each(["release", "keep"])(
    "exits when it has quit its client (last slot: %s)",
    async (task) => {
      const beganAt = performance.now();
      const worker = start(redis.prefix(), task);
      await worker.says("quits");
      const quitAt = performance.now();
      expect(await worker.ends()).toBe(0);
      // A timer or a connection that is left would keep it for longer than all
      // that it did before.
      const endedAt = performance.now();
      expect((endedAt - quitAt) / (quitAt - beganAt)).toBeLessThan(1);
    },
  );
});
