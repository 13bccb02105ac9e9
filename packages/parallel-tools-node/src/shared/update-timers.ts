import type { Clock } from "../limits/clock.js";
import { wakeAt } from "./wake-at.js";

interface Listener {
  /** The lease has to be renewed. */
  readonly onRenew: () => void;
  /** A queue has to be looked at. */
  readonly onLook: () => void;
}

/**
 * Timers for updates that no call causes: to renew the lease, and to have the
 * store look at a queue in which this process waits. None runs unless the store
 * has something of this process, so that an idle process can exit.
 */
export class UpdateTimers {
  readonly #clock: Clock;
  readonly #renewMs: number;
  readonly #listener: Listener;
  /** When to look at which queue. */
  readonly #looks = new Map<string, number>();
  #cancelRenewal: (() => void) | undefined;
  #cancelLook: (() => void) | undefined;

  constructor(clock: Clock, renewMs: number, listener: Listener) {
    this.#clock = clock;
    this.#renewMs = renewMs;
    this.#listener = listener;
  }

  /**
   * Starts and stops timers after an answer of the store.
   *
   * @param isStored the store has a ticket of this process
   * @param isQueued a ticket of this process waits in a queue
   */
  update(isStored: boolean, isQueued: boolean): void {
    if (!isQueued) {
      this.#looks.clear();
      this.#setLookTimer();
    }
    if (!isStored) {
      this.stop();
      return;
    }
    this.#cancelRenewal ??= this.#clock.schedule(() => {
      this.#cancelRenewal = undefined;
      this.#listener.onRenew();
    }, this.#renewMs);
  }

  /** The queue of the limit `name` may have room at `time`. */
  lookAt(time: number, name: string): void {
    this.#looks.set(
      name,
      Math.min(time, this.#looks.get(name) ?? Number.POSITIVE_INFINITY),
    );
    this.#setLookTimer();
  }

  /** The names of the limits whose queue has to be looked at now. */
  takeDueLooks(): string[] {
    const now = this.#clock.now();
    const due: string[] = [];
    for (const [name, time] of this.#looks) {
      if (time > now) continue;
      due.push(name);
      this.#looks.delete(name);
    }
    if (due.length > 0) this.#setLookTimer();
    return due;
  }

  stop(): void {
    this.#cancelRenewal?.();
    this.#cancelRenewal = undefined;
    this.#looks.clear();
    this.#setLookTimer();
  }

  #setLookTimer(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    if (this.#looks.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const time of this.#looks.values()) next = Math.min(next, time);
    this.#cancelLook = wakeAt(this.#clock, next, this.#listener.onLook);
  }
}
