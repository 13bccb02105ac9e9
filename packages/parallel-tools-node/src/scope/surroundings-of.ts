import type { Clock } from "../limits/clock.js";
import type { Surroundings } from "../schedule/surroundings.js";
import { CallScope } from "./call-scope.js";

/** The surroundings of a batch that runs inside of a call, or of none. */
export function surroundingsOf(
  inside: CallScope | undefined,
  clock: Clock,
): Surroundings {
  return {
    inside,
    open: (limits, cost) => new CallScope(inside, limits, cost, clock),
    begin: (work) => inside?.begin(work),
    changed: () => inside?.changed(),
    end: (work, signal) => inside?.leave(work, signal),
  };
}
