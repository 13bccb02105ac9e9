import type { BlockedWalk } from "./blocked-walk.js";
import type { Waiter } from "./claims.js";
import type { Limit } from "./limit.js";
import { offerKept } from "./offer.js";
import { Patience } from "./patience.js";
import type { Holder } from "./slots.js";

let begun = 0;

/**
 * A call that wants to go on: what ran inside of it has ended. It waits, before all
 * new calls, until there is a slot to use at each of its limits.
 */
export class Resumption implements Waiter {
  readonly resumes = true;
  readonly inside: Holder | undefined;
  readonly cost: number;
  /** Those among its limits that have slots. */
  readonly limits: readonly Limit[];
  readonly patience: Patience;
  readonly maxPauseMs = Number.POSITIVE_INFINITY;
  readonly waitsSince: number;
  readonly holder: Holder;
  readonly #onResume: () => void;
  readonly #onMove: () => void;
  readonly #number = (begun += 1);
  #standsAt: Limit | undefined;
  #size = 1;

  constructor(
    holder: Holder,
    limits: readonly Limit[],
    cost: number,
    now: number,
    onResume: () => void,
    onMove: () => void,
  ) {
    this.holder = holder;
    this.inside = holder.inside;
    this.limits = limits;
    this.cost = cost;
    this.patience = new Patience(limits);
    this.waitsSince = now;
    this.#onResume = onResume;
    this.#onMove = onMove;
  }

  get size(): number {
    return this.#size;
  }

  compareTo(other: Resumption): number {
    return this.#number - other.#number;
  }

  /** Resumes now or waits. */
  begin(now: number): "resumed" | "waits" {
    const blocker = this.limits.find((limit) => !limit.hasRoomFor(this, now));
    if (blocker === undefined) {
      this.#takeAll();
      return "resumed";
    }
    blocker.park(this, now);
    return "waits";
  }

  admit(): () => void {
    this.#takeAll();
    return this.#onResume;
  }

  /** Nothing of it can fail: it claims its slots already. */
  fail(): void {}

  waitsAt(limit: Limit | undefined): void {
    if (this.#standsAt === limit) return;
    this.#standsAt = limit;
    this.#onMove();
  }

  /**
   * Only at limits that are kept elsewhere, where it has given its slots back. In this
   * process, whoever uses a slot ends or waits.
   */
  isHeldUpForEver(now: number, walk: BlockedWalk): boolean {
    if (!walk.countsElsewhere) return false;
    const limit = this.#standsAt;
    return (
      limit?.slots === undefined &&
      limit?.mayOpenAlone(this, now, walk) === false
    );
  }

  /** It doesn't go on. */
  cancel(now: number): void {
    this.#size = 0;
    this.#standsAt?.leave(this, now);
    offerKept(this.limits, now);
  }

  #takeAll(): void {
    this.#size = 0;
    for (const limit of this.limits) limit.resume(this.holder);
  }
}
