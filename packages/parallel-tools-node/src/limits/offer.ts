import {
  type AwaitedLimit,
  Claims,
  compareWaiters,
  type Waiter,
} from "./claims.js";

/**
 * There may be room at these limits: lets in those who wait, first come first
 * served over all of the limits. Calls start at the very end, since what they do may
 * lead back here.
 */
export function offerAll(limits: readonly AwaitedLimit[], now: number): void {
  const starts = new Offer(limits, now).admitAll();
  for (const limit of limits) limit.endOffer();
  for (const start of starts) start();
}

/** Offers the room that these limits keep for a waiter, if any of them does. */
export function offerKept(limits: readonly AwaitedLimit[], now: number): void {
  const keeping = limits.filter(({ keepsRoom }) => keepsRoom);
  if (keeping.length > 0) offerAll(keeping, now);
}

/**
 * The limit that keeps the first call of `waiter` from starting, if one does. One
 * inside of a call stands where time has to pass, so that it is looked at when that is
 * over: then slots may have to be lent.
 */
function blockerOf(waiter: Waiter, now: number): AwaitedLimit | undefined {
  const closed =
    waiter.inside &&
    waiter.limits.find(
      (limit) => limit.foreseesTime && !limit.isOpenFor(waiter, now),
    );
  return (
    closed ?? waiter.limits.find((limit) => !limit.hasRoomFor(waiter, now))
  );
}

class Offer {
  readonly #now: number;
  /** Limits that may have room for one of those who stand there. */
  readonly #open = new Set<AwaitedLimit>();
  /** Waiters that have seen that there is none, by the limit at which they stand. */
  readonly #blocked = new Map<AwaitedLimit, Waiter[]>();
  /** Limits at which others stand than before. */
  readonly #touched = new Set<AwaitedLimit>();
  /** Limits with more room or less than before. */
  readonly #changed: Set<AwaitedLimit>;
  /** Limits that have been looked at since a waiter was last let in. */
  readonly #looked: Set<AwaitedLimit>;
  /** The same, of those that were looked at when all others had been. */
  readonly #lookedAgain = new Set<AwaitedLimit>();
  /** Where those have stood that have moved since a waiter was last let in. */
  readonly #stood = new Map<Waiter, Set<AwaitedLimit>>();

  constructor(limits: readonly AwaitedLimit[], now: number) {
    this.#now = now;
    this.#changed = new Set(limits);
    this.#looked = new Set(limits);
    for (const limit of limits) this.#lookAt(limit);
  }

  /** Returns what starts the calls that are let in. */
  admitAll(): readonly (() => void)[] {
    const starts: (() => void)[] = [];
    do {
      for (
        let limit = this.#firstOpen();
        limit !== undefined;
        limit = this.#firstOpen()
      ) {
        const waiter = limit.line.pop() as Waiter;
        const blocker = blockerOf(waiter, this.#now);
        if (blocker === undefined) starts.push(this.#admit(limit, waiter));
        else if (blocker === limit) this.#block(limit, waiter);
        else this.#move(blocker, waiter);
      }
    } while (this.#lookAtKept() || this.#lookAtLent());
    for (const [limit, waiters] of this.#blocked) {
      for (const waiter of waiters) limit.stand(waiter, this.#now);
    }
    // Only now, since some limits look at all who wait.
    for (const limit of this.#touched) limit.lineHasChanged(this.#now);
    return starts;
  }

  /** @param isLast all have been looked at who may start without a loan */
  #lookAt(limit: AwaitedLimit, isLast = false): void {
    limit.keepsRoom = false;
    for (const waiter of this.#blocked.get(limit) ?? [])
      limit.line.push(waiter);
    this.#blocked.delete(limit);
    this.#touched.add(limit);
    if (limit.line.size === 0) return;
    this.#open.add(limit);
    limit.isOffered = !isLast;
  }

  #close(limit: AwaitedLimit): void {
    this.#open.delete(limit);
    limit.isOffered = false;
  }

  /** The first of those who have not been looked at stands there. */
  #firstOpen(): AwaitedLimit | undefined {
    let first: AwaitedLimit | undefined;
    let waiter: Waiter | undefined;
    for (const limit of this.#open) {
      const other = limit.line.peek();
      if (other === undefined) this.#close(limit);
      else if (waiter === undefined || compareWaiters(other, waiter) < 0) {
        first = limit;
        waiter = other;
      }
    }
    return first;
  }

  #admit(limit: AwaitedLimit, waiter: Waiter): () => void {
    const start = waiter.admit(this.#now);
    Claims.end(waiter);
    if (waiter.size > 0) {
      limit.line.push(waiter);
      Claims.begin(waiter, this.#now);
    } else {
      waiter.waitsAt(undefined, this.#now);
    }
    this.#looked.clear();
    this.#lookedAgain.clear();
    this.#stood.clear();
    for (const other of waiter.limits) {
      this.#changed.add(other);
      // It may have been kept for this waiter.
      if (other.keepsRoom) this.#lookAt(other);
    }
    return start;
  }

  #block(limit: AwaitedLimit, waiter: Waiter): void {
    const others = this.#blocked.get(limit);
    if (others === undefined) this.#blocked.set(limit, [waiter]);
    else others.push(waiter);
    if (!limit.mayAdmit(this.#now)) this.#close(limit);
  }

  /**
   * Lets a waiter stand elsewhere. What it finds may depend on where it and others
   * stand, so it is looked at once at each limit until somebody is let in.
   */
  #move(limit: AwaitedLimit, waiter: Waiter): void {
    this.#touched.add(limit);
    const stood = this.#stood.get(waiter) ?? new Set();
    this.#stood.set(waiter, stood);
    if (stood.has(limit)) {
      this.#block(limit, waiter);
      return;
    }
    stood.add(limit);
    limit.stand(waiter, this.#now);
  }

  /**
   * A waiter for whom room is kept elsewhere may not be due any more, since a limit
   * that it needs has changed.
   *
   * @returns whether there is a limit to look at
   */
  #lookAtKept(): boolean {
    const kept = new Set<AwaitedLimit>();
    for (const { claims } of this.#changed) {
      for (const { limits } of claims.waiters) {
        for (const limit of limits) if (limit.keepsRoom) kept.add(limit);
      }
    }
    for (const limit of kept) {
      if (this.#looked.has(limit)) continue;
      this.#looked.add(limit);
      this.#lookAt(limit);
    }
    return this.#open.size > 0;
  }

  /**
   * While limits were open, their waiters were not held up for ever. Now they may be,
   * so that slots are lent.
   *
   * @returns whether there is a limit to look at
   */
  #lookAtLent(): boolean {
    for (const limit of this.#touched) {
      if (!limit.claims.hasOneInside) continue;
      for (const one of this.#blocked.get(limit) ?? []) {
        one.wasLookedAt?.(this.#now);
      }
      for (const one of limit.line) one.wasLookedAt?.(this.#now);
    }
    for (const limit of this.#touched) {
      if (!limit.mayLend || this.#lookedAgain.has(limit)) continue;
      this.#lookedAgain.add(limit);
      this.#lookAt(limit, true);
    }
    return this.#open.size > 0;
  }
}
