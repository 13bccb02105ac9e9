import { ConfigurationError } from "../errors/configuration-error.js";
import type { Clock } from "../limits/clock.js";
import type { RedisClient } from "./redis-client.js";
import type { Script } from "./script.js";

interface Target {
  readonly client: RedisClient;
  readonly script: Script;
  /** All other keys of the script follow from it. */
  readonly key: string;
  readonly timeoutMs: number;
}

/** Why Redis could not be asked; `cause` is what it or its client said. */
export class Unavailable extends Error {}

/**
 * Runs the script through the application's client. A command is sent when the
 * client is ready and never put into its offline queue, where it would wait for
 * 20 attempts to reconnect.
 */
export class ScriptCaller {
  readonly #target: Target;
  readonly #clock: Clock;
  /** Calls that have no answer, by what makes them fail. */
  readonly #calls = new Set<(error: Unavailable) => void>();
  /** Those of them that wait for the client to be ready. */
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
    for (const fail of this.#calls) {
      fail(new Unavailable("the connection is closed"));
    }
  }

  /** @throws Unavailable, ConfigurationError */
  call(statement: string): Promise<unknown> {
    const { timeoutMs } = this.#target;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        end();
        reject(error);
      };
      const cancel = this.#clock.schedule(
        () => fail(new Unavailable(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const end = () => {
        cancel();
        this.#calls.delete(fail);
      };
      this.#calls.add(fail);
      const send = () => {
        // What was given up is never said: much may have changed.
        if (!this.#calls.has(fail)) return;
        this.#evaluate(statement).then(
          (answer) => {
            end();
            resolve(answer);
          },
          (error: unknown) => fail(asUnavailable(error)),
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
      // Whether it works, the client's events say.
      if (status === "wait") client.connect().catch(() => {});
    } else {
      fail(new Unavailable(`the client's status is "${status}"`));
    }
  }

  async #evaluate(statement: string): Promise<unknown> {
    const { client, script, key } = this.#target;
    try {
      return await client.evalsha(script.sha, 1, key, statement);
    } catch (error) {
      if (!messageOf(error).startsWith("NOSCRIPT")) throw error;
      return client.eval(script.source, 1, key, statement);
    }
  }
}

function asUnavailable(error: unknown): Error {
  if (error instanceof Unavailable) return error;
  const message = messageOf(error);
  // Redis 4 and before repeat a script on their replicas, and so forbid it.
  if (message.includes("non deterministic commands")) {
    return new ConfigurationError(
      "limits.client",
      "a client of Redis 5 or later",
      message,
    );
  }
  return new Unavailable(message, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
