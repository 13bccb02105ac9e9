/** Where the library's time comes from; tests hand in a fake one. */
export interface Clock {
  /** Milliseconds since any fixed moment. Never goes back. */
  now(): number;
  /** Milliseconds since 1970, for dates that a server sends. May jump. */
  date(): number;
  /**
   * Runs `callback` once, `delayMs` from now. Gives a function that cancels it.
   *
   * @param isBackground nobody waits for it, so it keeps no process from ending
   */
  schedule(
    callback: () => void,
    delayMs: number,
    isBackground?: boolean,
  ): () => void;
  /**
   * Runs `callback` once, when this turn of the event loop is over, with all
   * that promises do in it.
   */
  afterTurn(callback: () => void): void;
}

/** `performance.now()`, `Date.now()`, `setTimeout` and `setImmediate`. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  schedule(callback, delayMs, isBackground = false) {
    const timer = setTimeout(callback, delayMs);
    if (isBackground) timer.unref();
    return () => clearTimeout(timer);
  },
  afterTurn: (callback) => void setImmediate(callback),
};
