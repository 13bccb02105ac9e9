import type { Clock } from "../limits/clock.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { Surroundings } from "../schedule/surroundings.js";
import { CallScope } from "./call-scope.js";

/**
 * The surroundings of a batch that runs inside of a call, or of none.
 *
 * @param placeOf names a call of the batch; without it nobody watches the batch
 */
export function surroundingsOf(
  inside: CallScope | undefined,
  clock: Clock,
  placeOf?: (position: number) => CallPlace,
): Surroundings {
  return {
    inside,
    open(limits, cost, position) {
      const place = placeOf?.(position) ?? inside?.place;
      return new CallScope(inside, limits, cost, clock, place);
    },
    begin: (work) => inside?.begin(work),
    changed: () => inside?.changed(),
    end: (work, signal) => inside?.leave(work, signal),
  };
}
