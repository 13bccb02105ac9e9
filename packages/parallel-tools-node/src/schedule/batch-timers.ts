import type { Clock } from "../limits/clock.js";

/** What a time is set for: a running call, by its position, or the whole batch. */
type Timed = number | "batch" | "drain";

/**
 * The timers of a batch: of its limits in time, and of calls that rest. And
 * which of its calls still run though nobody waits for them any more.
 *
 * The attempt of a call goes: watched -> settled in time; or watched -> left,
 * when it is given up, until it settles. A call has no other attempt before the
 * one that was left has settled.
 */
export class BatchTimers {
  readonly #clock: Clock;
  readonly #limits = new Map<Timed, () => void>();
  readonly #rests = new Map<number, () => void>();
  readonly #left = new Set<number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `act` in `ms` milliseconds, unless that is set or it ends before. */
  watch(what: Timed, ms: number, act: () => void): void {
    if (!this.#limits.has(what)) this.#set(this.#limits, what, ms, act);
  }

  /** Calls `wake` in `ms` milliseconds, unless `stopResting` comes before. */
  rest(position: number, ms: number, wake: () => void): void {
    this.#set(this.#rests, position, ms, wake);
  }

  /** Nobody waits any more for the attempt of a call that runs. */
  giveUp(position: number): void {
    this.#unwatch(position);
    this.#left.add(position);
  }

  /** An attempt has settled. True if it had been given up. */
  settled(position: number): boolean {
    // Nearly always so, and it happens at the end of every call.
    if (this.#limits.size === 0 && this.#left.size === 0) return false;
    this.#unwatch(position);
    return this.#left.delete(position);
  }

  /** Whether an attempt of the call was given up and still runs. */
  isLeft(position: number): boolean {
    return this.#left.has(position);
  }

  stopResting(): void {
    for (const cancel of this.#rests.values()) cancel();
    this.#rests.clear();
  }

  /** The batch is over. */
  end(): void {
    for (const cancel of this.#limits.values()) cancel();
    this.#limits.clear();
  }

  #unwatch(position: number): void {
    this.#limits.get(position)?.();
    this.#limits.delete(position);
  }

  #set<Key>(
    timers: Map<Key, () => void>,
    key: Key,
    ms: number,
    act: () => void,
  ): void {
    const cancel = this.#clock.schedule(() => {
      timers.delete(key);
      act();
    }, ms);
    timers.set(key, cancel);
  }
}
