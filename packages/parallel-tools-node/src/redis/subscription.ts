import type { Clock } from "../limits/clock.js";
import type { RedisClient } from "./redis-client.js";

const FIRST_RETRY_MS = 100;
const MOST_RETRY_MS = 10_000;

interface Listener {
  readonly onMessage: (message: unknown) => void;
  /** Messages arrive. What was published before is lost. */
  readonly onUp: () => void;
  /** No messages arrive. `open` has to be called again. */
  readonly onDown: () => void;
  /** Messages can't be had, though the application's client is connected. */
  readonly onProblem: (problem: string) => void;
}

interface Target {
  /** The application's client. */
  readonly client: RedisClient;
  readonly channel: string;
  /** Milliseconds after which a connection should be there. */
  readonly timeoutMs: number;
}

/**
 * The connection on which this process receives messages. A connection that is
 * lost is never used again: the next one is a new `client.duplicate()`, which
 * has the options, and so the password, that the client has by then.
 */
export class Subscription {
  readonly #target: Target;
  readonly #clock: Clock;
  readonly #listener: Listener;
  #connection: RedisClient | undefined;
  #isUp = false;
  #failures = 0;
  #retryAt = Number.NEGATIVE_INFINITY;
  #cancelTimeout: (() => void) | undefined;

  constructor(target: Target, clock: Clock, listener: Listener) {
    this.#target = target;
    this.#clock = clock;
    this.#listener = listener;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  /** Opens a connection, unless there is one or the last one failed just now. */
  open(): void {
    if (this.isOpen || this.#clock.now() < this.#retryAt) return;
    const { client, channel, timeoutMs } = this.#target;
    const connection = client.duplicate();
    this.#connection = connection;
    let problem: unknown;
    connection.on("error", (error: unknown) => {
      // What Redis has said tells more than that the socket was closed then.
      if (problem === undefined || isAnswer(error)) problem = error;
    });
    connection.on("message", (to: unknown, message: unknown) => {
      if (to === channel) this.#listener.onMessage(message);
    });
    connection.on("ready", () => this.#subscribe(connection));
    const onGone = () => this.#onGone(connection, problem);
    connection.on("close", onGone);
    connection.on("end", onGone);
    this.#cancelTimeout = this.#clock.schedule(
      () => this.#report(problem ?? `no connection within ${timeoutMs} ms`),
      timeoutMs,
      true,
    );
    if (connection.status === "wait") connection.connect().catch(() => {});
  }

  close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#isUp = false;
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
    connection?.disconnect();
  }

  #subscribe(connection: RedisClient): void {
    connection.subscribe(this.#target.channel).then(
      () => {
        if (this.#connection !== connection) return;
        this.#isUp = true;
        this.#failures = 0;
        this.#cancelTimeout?.();
        this.#listener.onUp();
      },
      (error: unknown) => this.#onGone(connection, error),
    );
  }

  #onGone(connection: RedisClient, problem: unknown): void {
    if (this.#connection !== connection) return;
    const wasUp = this.#isUp;
    this.close();
    if (!wasUp) {
      this.#failures += 1;
      const delayMs = FIRST_RETRY_MS * 2 ** (this.#failures - 1);
      this.#retryAt = this.#clock.now() + Math.min(delayMs, MOST_RETRY_MS);
      // Without an answer of Redis, the client may be about to close, too.
      if (isAnswer(problem) || this.#failures > 1) {
        this.#report(problem ?? "the connection is closed");
      }
    }
    this.#listener.onDown();
  }

  #report(problem: unknown): void {
    // Else there is an outage, which has a warning of its own.
    if (this.#target.client.status !== "ready") return;
    this.#listener.onProblem(messageOf(problem));
  }
}

/** Whether Redis itself has said so, e.g. `NOPERM ...`. */
function isAnswer(problem: unknown): boolean {
  return /^(Ready check failed: )?[A-Z]{3,} /.test(messageOf(problem));
}

/** A cluster says of all nodes together only that they failed. */
function messageOf(problem: unknown): string {
  if (!(problem instanceof Error)) return String(problem);
  const { lastNodeError } = problem as { lastNodeError?: unknown };
  return lastNodeError instanceof Error
    ? lastNodeError.message
    : problem.message;
}
