/** Where the library's time comes from; tests hand in a fake one. */
export interface Clock {
  /** Milliseconds since any fixed moment. Never goes back. */
  now(): number;
  /** Milliseconds since 1970, for dates that a server sends. May jump. */
  date(): number;
  /** Runs `callback` once, `delayMs` from now. Gives a function that cancels it. */
  schedule(callback: () => void, delayMs: number): () => void;
}

/** `performance.now()`, `Date.now()` and `setTimeout`. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
