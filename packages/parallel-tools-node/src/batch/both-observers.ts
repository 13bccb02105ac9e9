import type { ScheduleObserver } from "../schedule/schedule-observer.js";

/** Two observers as one; either may be missing. */
export function bothObservers(
  first: ScheduleObserver | undefined,
  second: ScheduleObserver | undefined,
): ScheduleObserver | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    onReady(position, now) {
      first.onReady(position, now);
      second.onReady(position, now);
    },
    onBlocked(position, now, limit) {
      first.onBlocked?.(position, now, limit);
      second.onBlocked?.(position, now, limit);
    },
    onStart(position, now, waits, bound) {
      first.onStart(position, now, waits, bound);
      second.onStart(position, now, waits, bound);
    },
    onLeave(position, now, waits) {
      first.onLeave?.(position, now, waits);
      second.onLeave?.(position, now, waits);
    },
    onAgain(position, now, delayMs) {
      first.onAgain(position, now, delayMs);
      second.onAgain(position, now, delayMs);
    },
    onEnd(position, now, outcome) {
      first.onEnd(position, now, outcome);
      second.onEnd(position, now, outcome);
    },
  };
}
