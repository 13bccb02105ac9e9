import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SharedLimit, SharedLimits } from "@/limits/shared-limits.js";
import type { RedisClient } from "@/redis/redis-client.js";
import { createRedisLimits } from "@/redis/redis-limits.js";
import { readOptions } from "@/redis/redis-limits-options.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { cap, rate } from "./support/scenario.js";

const EVENTS = ["ready", "close", "end"];

interface Asked {
  readonly asked: readonly (readonly [string, string])[];
}

/** A client whose Redis lets the first ticket of a cap in and queues others. */
class FakeClient extends EventEmitter implements RedisClient {
  status = "ready";
  readonly duplicates: FakeClient[] = [];
  #isTaken = false;

  connect = () => Promise.resolve();
  subscribe = () => Promise.resolve(1);
  eval = () => Promise.reject(new Error("the script is loaded"));

  disconnect(): void {
    this.status = "end";
  }

  duplicate(): FakeClient {
    const duplicate = new FakeClient();
    this.duplicates.push(duplicate);
    queueMicrotask(() => duplicate.emit("ready"));
    return duplicate;
  }

  evalsha(_sha: string, _keys: number, _key?: string, update = "") {
    const { asked } = JSON.parse(update) as Asked;
    return Promise.resolve(
      asked.map(([ticket, request]) => {
        if (!request.includes("cap")) return ["booked", ticket, "0", "1"];
        if (this.#isTaken) return ["queued", ticket, "1"];
        this.#isTaken = true;
        return ["granted", ticket, "1", "1"];
      }),
    );
  }

  get listening(): number[] {
    return EVENTS.map((event) => this.listenerCount(event));
  }
}

describe("limits on one client", () => {
  let clock: FakeClock;
  let client: FakeClient;
  const onWarning = vi.fn<(warning: Error) => void>();
  beforeEach(() => {
    clock = new FakeClock();
    client = new FakeClient();
    process.on("warning", onWarning);
  });
  afterEach(() => {
    process.off("warning", onWarning);
    expect(onWarning).not.toHaveBeenCalled();
  });

  const create = (): SharedLimits =>
    createRedisLimits(
      readOptions({ client, leaseMs: 1_000 }),
      { source: "", sha: "" },
      clock,
    );

  const acquire = (
    limits: SharedLimits,
    limit: SharedLimit,
    { signal } = new AbortController(),
  ) => limits.acquire({ limits: [limit], cost: 1, signal });

  it("leave no listener behind that have never been used", () => {
    for (let i = 0; i < 100; i += 1) create();
    expect(client.listening).toEqual([0, 0, 0]);
  });

  it("leave none when their calls have started, and share one until then", async () => {
    const all = Array.from({ length: 100 }, create);
    const starts = all.map((limits) => acquire(limits, rate(1, 1)));
    expect(client.listening).toEqual([0, 0, 0]);
    await Promise.resolve();
    expect(client.listening).toEqual([1, 1, 1]);
    await Promise.all(starts);
    await settle();
    expect(client.listening).toEqual([0, 0, 0]);
  });

  it("keep theirs while they hold slots, and none after it", async () => {
    const permit = await acquire(create(), cap);
    await settle();
    expect(client.listening).toEqual([1, 1, 1]);
    permit.release();
    await settle();
    expect(client.listening).toEqual([0, 0, 0]);
  });

  it("close their second connection a lease after the last wait", async () => {
    const limits = create();
    const permit = await acquire(limits, cap);
    const controller = new AbortController();
    const waiting = acquire(limits, cap, controller).catch(() => "gone");
    await settle();
    controller.abort();
    permit.release();
    expect(await waiting).toBe("gone");
    await clock.advance(999);
    const [connection] = client.duplicates;
    expect(connection!.status).toBe("ready");
    expect(client.listening).toEqual([1, 1, 1]);
    await clock.advance(1);
    expect(connection!.status).toBe("end");
    expect(client.listening).toEqual([0, 0, 0]);
    expect(clock.pending).toBe(0);
  });

  it("close their second connection when the client ends", async () => {
    const limits = create();
    await acquire(limits, cap);
    const waiting = acquire(limits, cap);
    waiting.catch(() => {});
    await settle();
    client.emit("end");
    expect(client.duplicates.map(({ status }) => status)).toEqual(["end"]);
  });
});
