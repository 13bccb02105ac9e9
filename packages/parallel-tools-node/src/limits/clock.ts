/** Where the library's time comes from; tests hand in a fake one. */
export interface Clock {
  /** Milliseconds since any fixed moment. Never goes back. */
  now(): number;
  /** Milliseconds since 1970, for dates that a server sends. May jump. */
  date(): number;
  /**
   * Runs `callback` once, `delayMs` from now, however long that is. Returns a
   * function that cancels it.
   *
   * @param isBackground the process may end while this waits
   */
  schedule(
    callback: () => void,
    delayMs: number,
    isBackground?: boolean,
  ): () => void;
  /**
   * Runs `callback` once, when this turn of the event loop and its microtasks
   * are over.
   */
  afterTurn(callback: () => void): void;
}

/** The longest delay of `setTimeout` in Node: a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** `performance.now()`, `Date.now()`, `setTimeout` and `setImmediate`. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  schedule(callback, delayMs, isBackground = false) {
    const endsAt = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    /** A long wait is a row of timers, the last of which calls back. */
    const wait = (ms: number) => {
      timer =
        ms <= LONGEST_TIMER_MS
          ? setTimeout(callback, ms)
          : setTimeout(
              () => wait(endsAt - performance.now()),
              LONGEST_TIMER_MS,
            );
      if (isBackground) timer.unref();
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
  afterTurn: (callback) => void setImmediate(callback),
};
