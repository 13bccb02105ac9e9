import type { Clock } from "../limits/clock.js";

/** The longest delay of `setTimeout`, which fires a longer one at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Calls `callback` when `clock` has reached `at`, however far away that is, and
 * never before. Gives a function that cancels it.
 */
export function wakeAt(
  clock: Clock,
  at: number,
  callback: () => void,
): () => void {
  const wait = () => {
    const delayMs = Math.min(Math.ceil(at - clock.now()), LONGEST_MS);
    return clock.schedule(() => {
      if (clock.now() >= at) callback();
      else cancel = wait();
    }, delayMs);
  };
  let cancel = wait();
  return () => cancel();
}
