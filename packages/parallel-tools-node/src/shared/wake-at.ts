import type { Clock } from "../limits/clock.js";

/**
 * Calls `callback` when `clock` has reached `at`, and never before: a timer may be
 * early. Gives a function that cancels it.
 */
export function wakeAt(
  clock: Clock,
  at: number,
  callback: () => void,
): () => void {
  const wait = () =>
    clock.schedule(
      () => {
        if (clock.now() >= at) callback();
        else cancel = wait();
      },
      Math.ceil(at - clock.now()),
    );
  let cancel = wait();
  return () => cancel();
}
