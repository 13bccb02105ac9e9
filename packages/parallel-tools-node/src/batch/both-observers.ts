import type { ScheduleObserver } from "../schedule/schedule-options.js";

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
    onStart(position, now, waits) {
      first.onStart(position, now, waits);
      second.onStart(position, now, waits);
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
