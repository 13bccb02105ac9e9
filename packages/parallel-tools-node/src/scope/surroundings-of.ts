import type { Clock } from "../limits/clock.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { Surroundings } from "../schedule/surroundings.js";
import { CallScope } from "./call-scope.js";

/** Whoever tells of a batch. */
export interface BatchWatcher {
  /** Names a call of the batch to what runs inside of it. */
  placeOf(position: number): CallPlace;
  /** The batch is over, and the call around it waits until it may go on. */
  onResuming(resumed: Promise<void>): void;
}

/** The surroundings of a batch that runs inside of a call, or of none. */
export function surroundingsOf(
  inside: CallScope | undefined,
  clock: Clock,
  watcher?: BatchWatcher,
): Surroundings {
  return {
    inside,
    open(limits, cost, position) {
      const place = watcher?.placeOf(position) ?? inside?.place;
      return new CallScope(inside, limits, cost, clock, place);
    },
    begin: (work) => inside?.begin(work),
    changed: () => inside?.changed(),
    end(work, signal) {
      const resumed = inside?.leave(work, signal);
      if (resumed !== undefined) watcher?.onResuming(resumed);
      return resumed;
    },
  };
}
