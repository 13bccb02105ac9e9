import type { Clock } from "../limits/clock.js";
import { wakeAt } from "./wake-at.js";

interface Listeners {
  readonly onRenew: () => void;
  readonly onLook: () => void;
}

/**
 * When this process has to speak up without being asked: to renew its lease,
 * and to look at a queue in which it stands. There are no timers unless Redis
 * keeps something of it, so that an idle process can exit.
 */
export class Reminders {
  readonly #clock: Clock;
  readonly #renewMs: number;
  readonly #listeners: Listeners;
  readonly #looks = new Map<string, number>();
  #cancelRenewal: (() => void) | undefined;
  #cancelLook: (() => void) | undefined;

  constructor(clock: Clock, renewMs: number, listeners: Listeners) {
    this.#clock = clock;
    this.#renewMs = renewMs;
    this.#listeners = listeners;
  }

  /** Something has been said, and Redis keeps something, or doesn't. */
  renew(isKept: boolean, isQueued: boolean): void {
    if (!isQueued) {
      this.#looks.clear();
      this.#watch();
    }
    if (!isKept) {
      this.stop();
      return;
    }
    this.#cancelRenewal ??= this.#clock.schedule(() => {
      this.#cancelRenewal = undefined;
      this.#listeners.onRenew();
    }, this.#renewMs);
  }

  /** The queue of the limit `name` may have room at `time`. */
  look(name: string, time: number): void {
    this.#looks.set(
      name,
      Math.min(time, this.#looks.get(name) ?? Number.POSITIVE_INFINITY),
    );
    this.#watch();
  }

  /** The queues to look at now. */
  takeDue(): string[] {
    const now = this.#clock.now();
    const due: string[] = [];
    for (const [name, time] of this.#looks) {
      if (time > now) continue;
      due.push(name);
      this.#looks.delete(name);
    }
    if (due.length > 0) this.#watch();
    return due;
  }

  stop(): void {
    this.#cancelRenewal?.();
    this.#cancelRenewal = undefined;
    this.#looks.clear();
    this.#watch();
  }

  #watch(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    if (this.#looks.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const time of this.#looks.values()) next = Math.min(next, time);
    this.#cancelLook = wakeAt(this.#clock, next, this.#listeners.onLook);
  }
}
