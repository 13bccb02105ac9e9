import type { Asker } from "./slots.js";

/** What a limit tells of the room that a waiting call will have. */
export interface Foresight {
  hasRoom(cost: number, now: number, asker?: Asker): boolean;
  /** It knows when it has room for a call. A cap doesn't: calls take their time. */
  readonly foreseesRoom: boolean;
  /** Until when a call of this cost that is first in line may be overtaken. */
  patienceUntil(cost: number, now: number): number;
}

/**
 * How long a waiting call may be overtaken at its limits: for about as long as it
 * would have waited if nobody else had come. At a cap that is until there is room
 * for the call, even if it can't take it, since another of its limits has none. At
 * a rate limit it is a part of the time that its tokens take, from when it is first
 * in line.
 */
export class Patience {
  readonly #limits: readonly Foresight[];
  /** When it is over, by limit. `undefined`: nobody has asked. */
  #overAt: (number | undefined)[] = [];

  constructor(limits: readonly Foresight[]) {
    this.#limits = limits;
  }

  /** A call begins to wait. */
  begin(call: Asker & { readonly cost: number }, now: number): void {
    this.#overAt = this.#limits.map((limit) =>
      !limit.foreseesRoom && limit.hasRoom(call.cost, now, call)
        ? now
        : undefined,
    );
  }

  /** `limit` has room for the call, and others may take it. */
  seesRoom(limit: Foresight, now: number): void {
    if (limit.foreseesRoom) return;
    this.#overAt[this.#limits.indexOf(limit)] ??= now;
  }

  /** Whether it is over for a call of this cost that is first in line at `limit`. */
  isOver(limit: Foresight, cost: number, now: number): boolean {
    const at = this.#limits.indexOf(limit);
    if (limit.foreseesRoom) this.#overAt[at] ??= limit.patienceUntil(cost, now);
    return (this.#overAt[at] ?? Number.POSITIVE_INFINITY) <= now;
  }
}
