import type { Waiter } from "./claims.js";
import type { LimitRequest, Permit, SharedLimit } from "./shared-limits.js";
import type { SharedLease, SharedSlots } from "./shared-slots.js";
import type { Holder } from "./slots.js";

/** A request for slots that were given back. */
interface Return {
  readonly leases: readonly SharedLease[];
  readonly controller: AbortController;
}

/** What a call goes on with if its slots can't be had. */
const NO_PERMIT: Permit = { release() {}, cancel() {} };

/**
 * Takes the slots again that calls have given back and that want to go on now. Each
 * call takes all of them at once: two processes would otherwise wait for each other.
 */
export class SlotReturns {
  readonly #slots: SharedSlots;
  readonly #acquire: (request: LimitRequest) => Promise<Permit>;
  readonly #asked = new Map<Holder, Return>();

  constructor(
    slots: SharedSlots,
    acquire: (request: LimitRequest) => Promise<Permit>,
  ) {
    this.#slots = slots;
    this.#acquire = acquire;
  }

  /** Asks for those who want to go on, and withdraws what nobody wants any more. */
  ask(line: Iterable<Waiter>): void {
    const wanted = new Map<Holder, readonly SharedLease[]>();
    for (const { resumes, holder } of line) {
      if (resumes !== true || holder === undefined) continue;
      const leases = this.#slots.givenBack(holder);
      if (leases.length > 0) wanted.set(holder, leases);
    }
    for (const [holder, { leases, controller }] of this.#asked) {
      if (areSame(leases, wanted.get(holder))) continue;
      this.#asked.delete(holder);
      controller.abort();
    }
    for (const [holder, leases] of wanted) {
      if (!this.#asked.has(holder)) this.#askFor(holder, leases);
    }
  }

  #askFor(holder: Holder, leases: readonly SharedLease[]): void {
    const controller = new AbortController();
    const asked = { leases, controller };
    this.#asked.set(holder, asked);
    const byName = new Map<string, SharedLimit>();
    for (const { limits } of leases) {
      for (const limit of limits) byName.set(limit.name, limit);
    }
    const { signal } = controller;
    const limits = [...byName.values()];
    const end = (): boolean => {
      if (this.#asked.get(holder) !== asked) return false;
      this.#asked.delete(holder);
      return true;
    };
    this.#acquire({ limits, cost: 1, signal, goesOn: true }).then(
      (permit) => {
        // A withdrawal can cross with a permit that is already granted.
        if (end()) this.#slots.takeAgain(leases, permit);
        else permit.cancel();
      },
      // Its work is done: it isn't lost because a store can't be reached.
      () => {
        if (end()) this.#slots.takeAgain(leases, NO_PERMIT);
      },
    );
  }
}

function areSame(
  some: readonly SharedLease[],
  others: readonly SharedLease[] | undefined,
): boolean {
  return (
    some.length === others?.length &&
    some.every((lease) => others.includes(lease))
  );
}
