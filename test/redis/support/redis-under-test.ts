import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import type { SharedLimits } from "@/limits/shared-limits.js";
import type { RedisClient } from "@/redis/redis-client.js";
import { redisLimits } from "@/redis/redis-limits.js";
import type { RedisLimitsOptions } from "@/redis/redis-limits-options.js";
import { openRedis } from "../../support/redis-server.js";

type Options = Omit<RedisLimitsOptions, "client">;

/** A server, and what a test makes on it. Each test has a prefix of its own. */
export class RedisUnderTest {
  #url = "";
  #closeServer = (): Promise<void> => Promise.resolve();
  readonly #clients: { disconnect(): void }[] = [];
  readonly #prefixes: string[] = [];

  async open(): Promise<void> {
    const { url, close } = await openRedis();
    this.#url = url;
    this.#closeServer = close;
  }

  get url(): string {
    return this.#url;
  }

  prefix(): string {
    const prefix = `test-${randomUUID()}`;
    this.#prefixes.push(prefix);
    return prefix;
  }

  client(): Redis {
    return this.track(new Redis(this.url));
  }

  track<Client extends { disconnect(): void }>(client: Client): Client {
    this.#clients.push(client);
    return client;
  }

  limits(prefix: string, options: Options = {}): SharedLimits {
    const client: RedisClient = this.client();
    return redisLimits({ client, prefix, ...options });
  }

  async keys(prefix: string): Promise<string[]> {
    const client = this.client();
    const keys: string[] = [];
    for (let cursor = "0", isFirst = true; isFirst || cursor !== "0"; ) {
      isFirst = false;
      const page = await client.scan(cursor, "MATCH", `*${prefix}*`);
      cursor = page[0];
      keys.push(...page[1]);
    }
    return keys;
  }

  /** Ends the clients of a test and takes its keys away. */
  async cleanUp(): Promise<void> {
    const client = this.client();
    for (const prefix of this.#prefixes.splice(0)) {
      const keys = await this.keys(prefix);
      if (keys.length > 0) await client.del(keys);
    }
    for (const one of this.#clients.splice(0)) one.disconnect();
  }

  async close(): Promise<void> {
    await this.cleanUp();
    await this.#closeServer();
  }
}
