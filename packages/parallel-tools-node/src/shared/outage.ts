import type { Clock } from "../limits/clock.js";
import type { Store, StoreUnavailable } from "./store.js";

/** What calls do while the store is away. */
export type OnUnavailable = "wait" | "local" | "error";

const CONSEQUENCES = {
  wait: "Calls wait until it is back.",
  local: "Until it is back, each process keeps the limits for itself.",
  error: "Calls fail until it is back.",
} as const satisfies Record<OnUnavailable, string>;

export interface OutageOptions {
  readonly onUnavailable: OnUnavailable;
  /** Milliseconds before the first attempt. They double with each one. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
}

/**
 * The time in which the store doesn't answer. There is one warning per outage.
 * Without a connection, the store reports when it has one again. With one, only
 * attempts can show that the store answers again.
 */
export class Outage {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #options: OutageOptions;
  readonly #retry: () => void;
  /** `undefined`: there is no outage. */
  #reason: StoreUnavailable | undefined;
  #attempts = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(
    store: Store,
    clock: Clock,
    options: OutageOptions,
    retry: () => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#options = options;
    this.#retry = retry;
  }

  get reason(): StoreUnavailable | undefined {
    return this.#reason;
  }

  begin(reason: StoreUnavailable): void {
    if (this.#reason === undefined) {
      const consequence = CONSEQUENCES[this.#options.onUnavailable];
      // oxlint-disable-next-line no-console -- nobody else is there to tell
      console.warn(
        `parallel-tools-node: ${this.#store.name} can't be asked for limits (${reason.message}). ${consequence}`,
      );
    }
    this.#reason = reason;
    this.stopRetries();
    if (this.#store.isConnected) this.#retryLater();
  }

  end(): void {
    this.stopRetries();
    this.#reason = undefined;
    this.#attempts = 0;
  }

  stopRetries(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #retryLater(): void {
    const { retryMs, maxRetryMs } = this.#options;
    const delayMs = Math.min(retryMs * 2 ** this.#attempts, maxRetryMs);
    this.#attempts += 1;
    this.#cancelRetry = this.#clock.schedule(this.#retry, delayMs);
  }
}
