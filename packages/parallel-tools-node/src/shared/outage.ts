import type { Clock } from "../limits/clock.js";
import type { ResolvedRedisLimitsOptions } from "../redis/redis-limits-options.js";
import type { Unavailable } from "../redis/script-caller.js";

const CONSEQUENCES = {
  wait: "Calls wait until it is back.",
  local: "Until it is back, each process keeps the limits for itself.",
  error: "Calls fail until it is back.",
} as const;

/**
 * The time in which Redis can't be asked: one warning, and attempts to get on.
 * A client without a connection says itself when it is ready again; where the
 * connection stands, and Redis answers with errors or not at all, only trying
 * tells.
 */
export class Outage {
  readonly #clock: Clock;
  readonly #options: ResolvedRedisLimitsOptions;
  readonly #retry: () => void;
  /** Why Redis can't be asked; `undefined`: it can. */
  #reason: Unavailable | undefined;
  #attempts = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(
    clock: Clock,
    options: ResolvedRedisLimitsOptions,
    retry: () => void,
  ) {
    this.#clock = clock;
    this.#options = options;
    this.#retry = retry;
  }

  get reason(): Unavailable | undefined {
    return this.#reason;
  }

  begin(reason: Unavailable): void {
    const { client, onUnavailable } = this.#options;
    if (this.#reason === undefined) {
      // oxlint-disable-next-line no-console -- nobody else is there to tell
      console.warn(
        `parallel-tools-node: Redis can't be asked for limits (${reason.message}). ${CONSEQUENCES[onUnavailable]}`,
      );
    }
    this.#reason = reason;
    this.stop();
    if (client.status === "ready") this.#tryLater();
  }

  end(): void {
    this.stop();
    this.#reason = undefined;
    this.#attempts = 0;
  }

  /** No attempts any more, unless the client is ready again. */
  stop(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #tryLater(): void {
    const { commandTimeoutMs, leaseMs } = this.#options;
    const delayMs = Math.min(commandTimeoutMs * 2 ** this.#attempts, leaseMs);
    this.#attempts += 1;
    this.#cancelRetry = this.#clock.schedule(this.#retry, delayMs);
  }
}
