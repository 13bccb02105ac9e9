import type { SharedLimits } from "@/limits/shared-limits.js";

/** A store, as so many processes see it that know nothing of each other. */
export function seenBy(
  processes: number,
  store: SharedLimits,
): readonly SharedLimits[] {
  return Array.from({ length: processes }, () => ({
    sharesSlots: store.sharesSlots,
    acquire: (request) => store.acquire(request),
    pause: (limit, ms) => store.pause(limit, ms),
  }));
}

/** A store that knows nothing of calls inside of others. */
export function withoutNesting(store: SharedLimits): SharedLimits {
  return {
    acquire: ({ limits, cost, signal }) =>
      store.acquire({ limits, cost, signal }),
    pause: (limit, ms) => store.pause(limit, ms),
  };
}
