import type { RedisClient } from "./redis-client.js";

/**
 * The connection on which this process receives messages. What is published
 * while it is down is lost, so `onUp` is called each time that it is up.
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
    // It reconnects by itself, and the application's client reports the error.
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
      // Until it works, the renewals of the lease ask for what has changed.
      () => {},
    );
  }
}
