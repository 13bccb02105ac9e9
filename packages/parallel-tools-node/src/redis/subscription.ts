import type { RedisClient } from "./redis-client.js";

/**
 * The connection on which a process is told things, opened when it first has to
 * wait in a queue. What was published while it was down is gone, so each time it
 * is up again `onUp` is called.
 */
export class Subscription {
  readonly #client: RedisClient;
  readonly #channel: string;
  readonly #onMessage: (message: unknown) => void;
  readonly #onUp: () => void;
  #connection: RedisClient | undefined;

  constructor(
    client: RedisClient,
    channel: string,
    onMessage: (message: unknown) => void,
    onUp: () => void,
  ) {
    this.#client = client;
    this.#channel = channel;
    this.#onMessage = onMessage;
    this.#onUp = onUp;
  }

  open(): void {
    if (this.#connection !== undefined) return;
    const connection = this.#client.duplicate();
    this.#connection = connection;
    // It reconnects by itself; the application's own client tells of trouble.
    connection.on("error", () => {});
    connection.on("message", (channel: unknown, message: unknown) => {
      if (channel === this.#channel) this.#onMessage(message);
    });
    connection.on("ready", () => this.#subscribe(connection));
    connection.on("end", () => {
      if (this.#connection === connection) this.#connection = undefined;
    });
    if (connection.status === "wait") connection.connect().catch(() => {});
  }

  close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.disconnect();
  }

  #subscribe(connection: RedisClient): void {
    connection.subscribe(this.#channel).then(
      () => {
        if (this.#connection === connection) this.#onUp();
      },
      // Whoever waits asks again with every renewal of the lease.
      () => {},
    );
  }
}
