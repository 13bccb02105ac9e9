import type { Clock } from "../limits/clock.js";

/** What a time limit is for: a running call, by its position, or the batch. */
type Timed = number | "batch" | "drain";

/**
 * The timers of a batch: its time limits, and the pauses of calls that rest. It
 * also knows the attempts that were given up but still run.
 *
 * The states of an attempt: watched -> settled, if it settles in time. Otherwise
 * watched -> given up -> settled. A call begins no other attempt before the one
 * that was given up has settled.
 */
export class BatchTimers {
  readonly #clock: Clock;
  readonly #timeLimits = new Map<Timed, () => void>();
  readonly #rests = new Map<number, () => void>();
  readonly #givenUp = new Set<number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `act` in `ms` milliseconds. Does nothing if a limit is set already. */
  watch(what: Timed, ms: number, act: () => void): void {
    if (this.#timeLimits.has(what)) return;
    this.#set(this.#timeLimits, what, ms, act);
  }

  /** Calls `wake` in `ms` milliseconds, unless `stopResting` is called before. */
  rest(position: number, ms: number, wake: () => void): void {
    this.#set(this.#rests, position, ms, wake);
  }

  /** Gives up the running attempt of a call: the batch stops waiting for it. */
  giveUp(position: number): void {
    this.#unwatch(position);
    this.#givenUp.add(position);
  }

  /** Must be called when an attempt has settled. True if it was given up. */
  settled(position: number): boolean {
    // The end of every call passes here, and most batches have no time limits.
    if (this.#timeLimits.size === 0 && this.#givenUp.size === 0) return false;
    this.#unwatch(position);
    return this.#givenUp.delete(position);
  }

  /** Whether an attempt of the call was given up and still runs. */
  isGivenUp(position: number): boolean {
    return this.#givenUp.has(position);
  }

  stopResting(): void {
    for (const cancel of this.#rests.values()) cancel();
    this.#rests.clear();
  }

  /** Cancels all time limits: the batch has ended. */
  end(): void {
    for (const cancel of this.#timeLimits.values()) cancel();
    this.#timeLimits.clear();
  }

  #unwatch(position: number): void {
    this.#timeLimits.get(position)?.();
    this.#timeLimits.delete(position);
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
