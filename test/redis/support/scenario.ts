import type { Redis } from "ioredis";
import type { SharedLimit, SharedLimits } from "@/limits/shared-limits.js";
import { Simulation } from "./simulation.js";

interface Asking {
  readonly cost?: number;
  /** For how long the permit is kept. */
  readonly forMs?: number;
  readonly signal?: AbortSignal;
  readonly end?: "release" | "cancel";
}

/** A simulation of which a log says who got a permit when. */
export class Scenario extends Simulation {
  readonly log: string[] = [];
  readonly #client: Redis;

  constructor(client: Redis, subscriber: Redis) {
    super(client, subscriber);
    this.#client = client;
  }

  /** Asks `atMs` from now, and logs when it got its permit. */
  ask(
    limits: SharedLimits,
    id: string,
    atMs: number,
    of: readonly SharedLimit[],
    asking: Asking = {},
  ): void {
    const { cost = 1, forMs = 0, end = "release" } = asking;
    const { signal = new AbortController().signal } = asking;
    this.schedule(() => {
      limits.acquire({ limits: of, cost, signal }).then(
        (permit) => {
          this.log.push(`${this.now} ${id}`);
          this.schedule(() => permit[end](), forMs);
        },
        () => this.log.push(`${this.now} ${id} gone`),
      );
    }, atMs);
  }

  keysLike(pattern: string): Promise<string[]> {
    return this.#client.keys(`{${this.prefix}}:${pattern}`);
  }
}

/** A sliding window, exact. */
export function rate(limit: number, intervalMs: number, name = "rate") {
  return {
    name,
    rateLimit: {
      algorithm: "sliding-window",
      limit,
      intervalMs,
      jitterMs: 0,
      burst: limit,
    },
  } satisfies SharedLimit;
}

/** Two at once, then one per 100 ms; after a full burst 30 ms late. */
export const bucket: SharedLimit = {
  name: "bucket",
  rateLimit: {
    algorithm: "token-bucket",
    limit: 10,
    intervalMs: 1_000,
    jitterMs: 30,
    burst: 2,
  },
};

export const cap: SharedLimit = { name: "cap", concurrency: 1 };
