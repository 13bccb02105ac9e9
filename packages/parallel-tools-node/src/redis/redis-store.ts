import { randomUUID } from "node:crypto";
import type { Clock } from "../limits/clock.js";
import type { Update } from "../shared/protocol.js";
import type { Store, StoreListener } from "../shared/store.js";
import { listenTo } from "./client-events.js";
import { MessageWarning } from "./message-warning.js";
import type { RedisClient } from "./redis-client.js";
import type { ResolvedRedisLimitsOptions } from "./redis-limits-options.js";
import type { Script } from "./script.js";
import { ScriptCaller } from "./script-caller.js";
import { Subscription } from "./subscription.js";

/**
 * Applies updates by a script in Redis, and listens on a channel. It listens to
 * the client from an update until it is on stand-by, so that a client doesn't
 * keep the limits of a node that is gone.
 */
export class RedisStore implements Store {
  readonly name = "Redis";
  readonly processId = randomUUID();
  readonly #client: RedisClient;
  readonly #clock: Clock;
  readonly #listener: StoreListener;
  /** Milliseconds for which the subscription outlasts its last use. */
  readonly #keepMs: number;
  /** The channel of a process is this and the id of the process. */
  readonly #channel: string;
  readonly #caller: ScriptCaller;
  readonly #subscription: Subscription;
  readonly #warning: MessageWarning;
  #stopListening: (() => void) | undefined;
  #cancelRest: (() => void) | undefined;

  constructor(
    { client, prefix, commandTimeoutMs, leaseMs }: ResolvedRedisLimitsOptions,
    script: Script,
    clock: Clock,
    listener: StoreListener,
  ) {
    // In braces, so that a cluster keeps all keys and channels in one slot.
    const base = `{${prefix}}:`;
    const key = `${base}clock`;
    this.#client = client;
    this.#clock = clock;
    this.#listener = listener;
    this.#keepMs = leaseMs;
    this.#channel = `${base}to:`;
    this.#caller = new ScriptCaller(
      { client, script, key, timeoutMs: commandTimeoutMs },
      clock,
    );
    this.#warning = new MessageWarning(client, base);
    const channel = this.#channel + this.processId;
    this.#subscription = new Subscription(
      { client, channel, timeoutMs: commandTimeoutMs },
      clock,
      {
        onMessage: listener.onMessage,
        onUp: () => {
          this.#warning.onHearing();
          listener.onMessagesOpen();
        },
        onDown: listener.onMessagesClosed,
        onProblem: (problem) => this.#warning.onDeaf(problem),
      },
    );
  }

  get isConnected(): boolean {
    return this.#client.status === "ready";
  }

  get hasMessages(): boolean {
    return this.#subscription.isUp;
  }

  send(update: Update): Promise<unknown> {
    this.#cancelRest?.();
    this.#cancelRest = undefined;
    this.#stopListening ??= this.#listen();
    const channel = this.#channel;
    return this.#caller.call(JSON.stringify({ ...update, channel }));
  }

  openMessages(): void {
    this.#subscription.open();
  }

  onRefusal(problem: string, hasLost: boolean): void {
    if (this.#warning.onMute(problem, hasLost)) this.openMessages();
  }

  standBy(): void {
    if (!this.#subscription.isOpen) {
      this.#rest();
    } else {
      this.#cancelRest ??= this.#clock.schedule(
        () => this.#rest(),
        this.#keepMs,
        true,
      );
    }
  }

  #rest(): void {
    this.#cancelRest?.();
    this.#cancelRest = undefined;
    this.#subscription.close();
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #listen(): () => void {
    return listenTo(this.#client, {
      onReady: () => {
        this.#caller.onReady();
        this.#listener.onConnect();
      },
      onClose: () => {
        this.#caller.onClose();
        this.#listener.onDisconnect();
      },
      onEnd: () => {
        this.#subscription.close();
        this.#listener.onEnd();
      },
    });
  }
}
