import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Clock } from "@/limits/clock.js";
import type { SharedLimits } from "@/limits/shared-limits.js";
import type { RedisClient } from "@/redis/redis-client.js";
import { RedisLimiter } from "@/redis/redis-limiter.js";
import { createScript } from "@/redis/script.js";
import { settle } from "../../support/fake-clock.js";

/** The real script, but for where it gets the time from. */
const script = createScript("say.time");
/** The server's clock when a simulation begins, in microseconds. */
const EPOCH = 1_790_000_000_000_000;

type Listener = (...args: unknown[]) => void;

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * Several processes on a real Redis, in simulated time: time stands still until
 * everything that is under way has arrived, then goes on to the next timer.
 */
export class Simulation {
  readonly prefix = `test-${randomUUID()}`;
  /** Milliseconds by which the server's clock is off. */
  skewMs = 0;
  now = 0;
  /** Script calls so far. */
  calls = 0;
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #channels = new Map<string, Listener>();
  #timers: Timer[] = [];
  #underWay = 0;

  constructor(redis: Redis, subscriber: Redis) {
    this.#redis = redis;
    this.#subscriber = subscriber;
    subscriber.on("pmessage", (_pattern, channel: string, message: string) => {
      this.#channels.get(channel)?.(channel, message);
    });
  }

  async open(): Promise<void> {
    await this.#redis.script("LOAD", script.source);
    await this.#subscriber.psubscribe(`{${this.prefix}}:to:*`);
  }

  schedule(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.now + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** A process of its own. A dead one does nothing any more. */
  start(leaseMs = 900): { limits: SharedLimits; kill: () => void } {
    let isDead = false;
    const clock: Clock = {
      now: () => this.now,
      date: () => this.now,
      schedule: (callback, delayMs) =>
        this.schedule(() => {
          if (!isDead) callback();
        }, delayMs),
    };
    const limits = new RedisLimiter(
      {
        client: this.#client(() => isDead),
        prefix: this.prefix,
        leaseMs,
        commandTimeoutMs: 60_000,
        onUnavailable: "error",
      },
      clock,
      script,
    );
    return {
      limits,
      kill: () => {
        isDead = true;
      },
    };
  }

  /** Goes on until no timer is left, or until `end`. */
  async run(end = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      await this.#quiet();
      let next: Timer | undefined;
      for (const timer of this.#timers) {
        if (next === undefined || timer.at < next.at) next = timer;
      }
      if (next === undefined || next.at > end) return;
      this.now = next.at;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.callback();
    }
  }

  async close(): Promise<void> {
    await this.#subscriber.punsubscribe();
    this.#subscriber.removeAllListeners("pmessage");
    const keys = await this.#redis.keys(`{${this.prefix}}:*`);
    if (keys.length > 0) await this.#redis.del(keys);
  }

  /** Until every answer and every message has arrived, and led to nothing. */
  async #quiet(): Promise<void> {
    for (let calls = -1; calls !== this.calls || this.#underWay > 0; ) {
      calls = this.calls;
      await settle();
      const sentinel = `{${this.prefix}}:to:sentinel`;
      // Behind all other messages.
      const arrival = new Promise<void>((resolve) => {
        this.#channels.set(sentinel, () => resolve());
      });
      await this.#redis.publish(sentinel, "");
      await arrival;
      await settle();
    }
  }

  #client(isDead: () => boolean): RedisClient {
    const call = async (key: string, statement: string) => {
      if (isDead()) return new Promise(() => {});
      this.calls += 1;
      this.#underWay += 1;
      const time = EPOCH + Math.round((this.now + this.skewMs) * 1_000);
      const said = { ...(JSON.parse(statement) as object), time };
      try {
        const text = JSON.stringify(said);
        return await this.#redis.evalsha(script.sha, 1, key, text);
      } finally {
        this.#underWay -= 1;
      }
    };
    const listeners = new Map<string, Listener>();
    const client: RedisClient = {
      status: "ready",
      connect: () => Promise.resolve(),
      disconnect: () => {},
      duplicate: () => this.#client(isDead),
      evalsha: (_sha, _count, key, statement) => call(key, statement),
      eval: () => Promise.reject(new Error("the script is loaded")),
      subscribe: (channel) => {
        const onMessage = listeners.get("message");
        this.#channels.set(channel, (...message) => {
          if (!isDead()) onMessage?.(...message);
        });
        return Promise.resolve(1);
      },
      on: (event, listener) => {
        listeners.set(event, listener);
        // What a connection is as soon as somebody listens.
        if (event === "end") queueMicrotask(() => listeners.get("ready")?.());
      },
    };
    return client;
  }
}
