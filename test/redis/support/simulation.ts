import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Clock } from "@/limits/clock.js";
import type { SharedLimits } from "@/limits/shared-limits.js";
import type { RedisClient } from "@/redis/redis-client.js";
import { createRedisLimits } from "@/redis/redis-limits.js";
import { createScript } from "@/redis/script.js";
import { settle } from "../../support/fake-clock.js";

/** The real script, but for where it gets the time from. */
const script = createScript(
  "local function serverTime() return cjson.decode(ARGV[1]).time end",
);
/** The server's clock when a simulation begins, in microseconds. */
const EPOCH = 1_790_000_000_000_000;
/** More script calls while time stands still are a circle that asks for ever. */
const MOST_CALLS_AT_ONCE = 500;

type Listener = (...args: unknown[]) => void;

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  /** The simulation may end while it waits. */
  readonly isBackground: boolean;
}

/** A process of a simulation. */
export interface SimulatedProcess {
  readonly limits: SharedLimits;
  /** It does nothing any more. */
  readonly kill: () => void;
  /** From now on it does nothing for `ms`, then all that is overdue. */
  readonly stall: (ms: number) => void;
  /** No message reaches it any more. */
  readonly loseMessages: () => void;
}

/** What the simulation knows of a process. */
interface Life {
  isDead: boolean;
  isDeaf: boolean;
  stallsUntil: number;
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

  schedule(
    callback: () => void,
    delayMs: number,
    isBackground = false,
  ): () => void {
    const at = this.now + Math.max(0, delayMs);
    const timer = { at, callback, isBackground };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  start(leaseMs = 900): SimulatedProcess {
    const life: Life = { isDead: false, isDeaf: false, stallsUntil: 0 };
    const clock: Clock = {
      now: () => this.now,
      date: () => this.now,
      schedule: (callback, delayMs, isBackground) =>
        this.#scheduleIn(life, callback, delayMs, isBackground),
      afterTurn: (callback) => void setImmediate(callback),
    };
    const limits = createRedisLimits(
      {
        client: this.#client(life),
        prefix: this.prefix,
        leaseMs,
        commandTimeoutMs: 60_000,
        onUnavailable: "error",
      },
      script,
      clock,
    );
    return {
      limits,
      kill: () => {
        life.isDead = true;
      },
      loseMessages: () => {
        life.isDeaf = true;
      },
      stall: (ms) => {
        life.stallsUntil = Math.max(life.stallsUntil, this.now + ms);
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
      if (this.#timers.every(({ isBackground }) => isBackground)) return;
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
    const most = this.calls + MOST_CALLS_AT_ONCE;
    for (let calls = -1; calls !== this.calls || this.#underWay > 0; ) {
      calls = this.calls;
      if (calls > most) {
        throw new Error(
          `at ${this.now} ms there were ${MOST_CALLS_AT_ONCE} script calls, and there is no end to them`,
        );
      }
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

  /** A timer of a process: it fires when that one can see to it. */
  #scheduleIn(
    life: Life,
    callback: () => void,
    delayMs: number,
    isBackground = false,
  ): () => void {
    const fire = () => {
      if (life.isDead) return;
      const lateMs = life.stallsUntil - this.now;
      if (lateMs > 0) cancel = this.schedule(fire, lateMs, isBackground);
      else callback();
    };
    let cancel = this.schedule(fire, delayMs, isBackground);
    return () => cancel();
  }

  /** Resolves when a process can see to what has come. */
  #awake(life: Life): Promise<void> {
    return new Promise((resolve) => {
      if (life.stallsUntil <= this.now) resolve();
      else this.#scheduleIn(life, resolve, 0);
    });
  }

  #client(life: Life): RedisClient {
    const call = async (key: string, update: string) => {
      if (life.isDead) return new Promise(() => {});
      this.calls += 1;
      this.#underWay += 1;
      const time = EPOCH + Math.round((this.now + this.skewMs) * 1_000);
      const withTime = { ...(JSON.parse(update) as object), time };
      try {
        const text = JSON.stringify(withTime);
        return await this.#redis.evalsha(script.sha, 1, key, text);
      } finally {
        // The answer has come, and waits for a process that stalls.
        this.#underWay -= 1;
        await this.#awake(life);
      }
    };
    const listeners = new Map<string, Listener>();
    const client: RedisClient = {
      status: "ready",
      connect: () => Promise.resolve(),
      disconnect: () => {},
      duplicate: () => this.#client(life),
      evalsha: (_sha, _count, key, update) => call(key, update),
      eval: () => Promise.reject(new Error("the script is loaded")),
      subscribe: (channel) => {
        const onMessage = listeners.get("message");
        this.#channels.set(channel, (...message) => {
          if (life.isDeaf) return;
          const lateMs = life.stallsUntil - this.now;
          const receive = () => onMessage?.(...message);
          if (lateMs > 0) this.#scheduleIn(life, receive, lateMs);
          else if (!life.isDead) receive();
        });
        return Promise.resolve(1);
      },
      on: (event, listener) => {
        listeners.set(event, listener);
        // What the one for messages is as soon as somebody listens.
        if (event === "end" && listeners.has("message")) {
          queueMicrotask(() => listeners.get("ready")?.());
        }
      },
      off: (event) => listeners.delete(event),
    };
    return client;
  }
}
