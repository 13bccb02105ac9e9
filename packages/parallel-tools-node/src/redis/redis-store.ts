import { randomUUID } from "node:crypto";
import type { Clock } from "../limits/clock.js";
import type { Update } from "../shared/protocol.js";
import type { Store, StoreListener } from "../shared/store.js";
import type { RedisClient } from "./redis-client.js";
import type { ResolvedRedisLimitsOptions } from "./redis-limits-options.js";
import type { Script } from "./script.js";
import { ScriptCaller } from "./script-caller.js";
import { Subscription } from "./subscription.js";

/** Applies updates by a script in Redis, and listens on a channel. */
export class RedisStore implements Store {
  readonly name = "Redis";
  readonly processId = randomUUID();
  readonly #client: RedisClient;
  /** The channel of a process is this and the id of the process. */
  readonly #channel: string;
  readonly #caller: ScriptCaller;
  readonly #subscription: Subscription;

  constructor(
    { client, prefix, commandTimeoutMs }: ResolvedRedisLimitsOptions,
    script: Script,
    clock: Clock,
    listener: StoreListener,
  ) {
    // In braces, so that a cluster keeps all keys and channels in one slot.
    const base = `{${prefix}}:`;
    const key = `${base}clock`;
    this.#client = client;
    this.#channel = `${base}to:`;
    this.#caller = new ScriptCaller(
      { client, script, key, timeoutMs: commandTimeoutMs },
      clock,
    );
    this.#subscription = new Subscription(
      client,
      this.#channel + this.processId,
      listener.onMessage,
      listener.onMessagesOpen,
    );
    client.on("ready", () => {
      this.#caller.onReady();
      listener.onConnect();
    });
    client.on("close", () => {
      this.#caller.onClose();
      listener.onDisconnect();
    });
    client.on("end", () => {
      this.#subscription.close();
      listener.onEnd();
    });
  }

  get isConnected(): boolean {
    return this.#client.status === "ready";
  }

  send(update: Update): Promise<unknown> {
    const channel = this.#channel;
    return this.#caller.call(JSON.stringify({ ...update, channel }));
  }

  openMessages(): void {
    this.#subscription.open();
  }
}
