import { ConfigurationError } from "../errors/configuration-error.js";
import type { Clock } from "../limits/clock.js";
import { StoreUnavailable } from "../shared/store.js";
import type { RedisClient } from "./redis-client.js";
import type { Script } from "./script.js";

interface Target {
  readonly client: RedisClient;
  readonly script: Script;
  /** The script derives all other keys from it. */
  readonly key: string;
  readonly timeoutMs: number;
}

/**
 * Runs the script through the application's client. A command is sent only when
 * the client is ready. In the client's offline queue it would wait for 20
 * attempts to reconnect.
 */
export class ScriptCaller {
  readonly #target: Target;
  readonly #clock: Clock;
  /** What makes a run of the script fail that has no answer yet. */
  readonly #pending = new Set<(error: StoreUnavailable) => void>();
  /** What sends a command when the client is ready. */
  #unsent: (() => void)[] = [];

  constructor(target: Target, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
  }

  /** The client is ready. */
  onReady(): void {
    for (const send of this.#unsent.splice(0)) send();
  }

  /** The client has lost its connection, or never had one. */
  onClose(): void {
    this.#unsent = [];
    for (const fail of this.#pending) {
      fail(new StoreUnavailable("the connection is closed"));
    }
  }

  /** @throws StoreUnavailable, ConfigurationError */
  call(update: string): Promise<unknown> {
    const { timeoutMs } = this.#target;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        end();
        reject(error);
      };
      const cancel = this.#clock.schedule(
        () => fail(new StoreUnavailable(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const end = () => {
        cancel();
        this.#pending.delete(fail);
      };
      this.#pending.add(fail);
      const send = () => {
        // A run that has failed is never sent: much may have changed since.
        if (!this.#pending.has(fail)) return;
        this.#evaluate(update).then(
          (answer) => {
            end();
            resolve(answer);
          },
          (error: unknown) => fail(toError(error)),
        );
      };
      this.#whenReady(send, fail);
    });
  }

  #whenReady(send: () => void, fail: (error: Error) => void): void {
    const { client } = this.#target;
    const { status } = client;
    if (status === "ready") {
      send();
    } else if (["wait", "connecting", "connect"].includes(status)) {
      this.#unsent.push(send);
      // What comes of it, the client reports: "ready" or "close".
      if (status === "wait") client.connect().catch(() => {});
    } else {
      fail(new StoreUnavailable(`the client's status is "${status}"`));
    }
  }

  async #evaluate(update: string): Promise<unknown> {
    const { client, script, key } = this.#target;
    try {
      return await client.evalsha(script.sha, 1, key, update);
    } catch (error) {
      if (!messageOf(error).startsWith("NOSCRIPT")) throw error;
      return client.eval(script.source, 1, key, update);
    }
  }
}

function toError(error: unknown): Error {
  if (error instanceof StoreUnavailable) return error;
  const message = messageOf(error);
  // Redis 4 and before run a script again on each replica, so they forbid a
  // script that reads the time and then writes.
  if (message.includes("non deterministic commands")) {
    return new ConfigurationError(
      "limits.client",
      "a client of Redis 5 or later",
      message,
    );
  }
  return new StoreUnavailable(message, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
