import type { Clock } from "./clock.js";
import { PriorityQueue } from "./priority-queue.js";
import type { SharedLimit } from "./shared-limits.js";

/** Calls that wait for a limit: those of a lane, or one request for a permit. */
export interface Waiter {
  /** How many calls wait. */
  readonly size: number;
  /** Tokens that each of the calls takes from a rate limit. */
  readonly cost: number;
  /** The limits that must all have room before a call starts. */
  readonly limits: readonly Limit[];
  /** Negative when this one's first call comes before the other's. */
  compareTo(other: this): number;
  /** The limit that keeps its first call from starting, if one does. */
  blockedBy(now: number): Limit | undefined;
  /** Takes all limits of its first call; calling the result starts it. */
  admit(now: number): () => void;
  /** Its first call can never start: it ends with `error`. */
  fail(error: unknown, now: number): void;
  /** From now on it waits at `limit`; `undefined`: at none. */
  waitsAt(limit: Limit | undefined, now: number): void;
}

/**
 * Something that must have room before a call starts. A waiter stands at one
 * limit that blocks it. When that limit may have room, it offers its room to its
 * waiters in order. A waiter takes all of its limits at once, or moves on to the
 * next limit that blocks it. So a waiter never holds anything.
 */
export abstract class Limit {
  abstract readonly kind: "concurrency" | "rate" | "feedback" | "circuit";
  /** As a report names it, e.g. `resource serp`. */
  readonly name: string;
  /** The highest cost for which there can ever be room. */
  readonly capacity: number = Number.POSITIVE_INFINITY;
  /** Limits whose waiters could use more room here. */
  readonly followers = new Set<Limit>();
  protected readonly clock: Clock;
  readonly #waiters = new PriorityQueue<Waiter>((a, b) => a.compareTo(b));

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.clock = clock;
  }

  /** Whether this limit lets a call of this cost start now. */
  abstract hasRoom(cost: number, now: number): boolean;
  /** How many calls of this cost might start now, one after the other. */
  room(cost: number, now: number): number {
    return this.hasRoom(cost, now) ? Number.POSITIVE_INFINITY : 0;
  }

  /** Takes the room. Only right after `hasRoom` said yes. */
  abstract take(cost: number, now: number): void;
  /** A call of this cost has ended. An `offer` must follow in the same turn. */
  abstract release(cost: number): void;
  /**
   * Arranges that `offer` is called when a waiter may have room. Called again
   * whenever the waiters have changed.
   */
  protected abstract watch(now: number): void;
  /** The last waiter has gone. */
  protected abstract unwatch(): void;

  /** The caps and rates that it keeps, as they were declared. */
  get declared(): readonly SharedLimit[] {
    return [];
  }

  get hasWaiters(): boolean {
    return this.#waiters.size > 0;
  }

  /** Lets `waiter` stand here until there may be room. */
  park(waiter: Waiter, now: number): void {
    this.#stand(waiter, now);
    this.watch(now);
  }

  /** `waiter`, which stands here, has a new first call. */
  reorder(waiter: Waiter): void {
    this.#waiters.remove(waiter);
    this.#waiters.push(waiter);
  }

  /** Takes `waiter`, which stands here, away. */
  leave(waiter: Waiter, now: number): void {
    this.#waiters.remove(waiter);
    waiter.waitsAt(undefined, now);
    if (this.#waiters.size === 0) this.unwatch();
    else this.watch(now);
  }

  /** There may be room: waiters are let in as far as there is. */
  offer(now: number): void {
    Limit.offerAll([this], now);
  }

  /**
   * Lets in those who wait at these limits, first come first served over all of
   * them. Calls start at the very end, since what they do may lead back here.
   */
  static offerAll(limits: readonly Limit[], now: number): void {
    // The usual case, at the end of nearly every call.
    if (!limits.some(({ hasWaiters }) => hasWaiters)) {
      for (const limit of limits) limit.#endOffer();
      return;
    }
    const open = new Set(limits.filter((limit) => limit.hasWaiters));
    const starts: (() => void)[] = [];
    const blocked: [Limit, Waiter][] = [];
    const touched = new Set(open);
    for (let limit = firstInLine(open); limit; limit = firstInLine(open)) {
      const waiter = limit.#waiters.pop() as Waiter;
      const blocker = waiter.blockedBy(now);
      if (blocker === undefined) {
        starts.push(waiter.admit(now));
        if (waiter.size > 0) limit.#waiters.push(waiter);
        else waiter.waitsAt(undefined, now);
      } else if (blocker === limit) {
        blocked.push([limit, waiter]);
        if (!limit.mayAdmit(now)) open.delete(limit);
      } else {
        blocker.#stand(waiter, now);
        touched.add(blocker);
      }
    }
    for (const [limit, waiter] of blocked) limit.#stand(waiter, now);
    // Only now, since some limits look at all who wait.
    for (const limit of touched) if (limit.hasWaiters) limit.watch(now);
    for (const limit of limits) {
      if (!limit.hasWaiters) limit.unwatch();
      limit.#endOffer();
    }
    for (const start of starts) start();
  }

  /** The waiter that comes first, left in line. */
  first(): Waiter | undefined {
    return this.#waiters.peek();
  }

  #stand(waiter: Waiter, now: number): void {
    waiter.waitsAt(this, now);
    this.#waiters.push(waiter);
  }

  #endOffer(): void {
    this.afterOffer();
    if (this.followers.size === 0) return;
    // A copy: they may leave and come back while they are told.
    const followers = [...this.followers];
    for (const follower of followers) follower.afterOffer();
  }

  /** An offer is over: no waiter here wants the room that is left. */
  protected afterOffer(): void {}

  /** Whether there may be room for one of those who wait. */
  protected mayAdmit(now: number): boolean {
    return this.hasRoom(this.leastCost(), now);
  }

  /** The fewest tokens that a call of any waiter takes. */
  protected leastCost(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { cost } of this.#waiters) least = Math.min(least, cost);
    return least;
  }

  /** The waiters of this limit in their order. */
  protected waitersInOrder(): readonly Waiter[] {
    return [...this.#waiters].sort((one, other) => one.compareTo(other));
  }

  /** The first waiting call of this cost ends with `error`. */
  protected fail(cost: number, error: unknown, now: number): void {
    let first: Waiter | undefined;
    for (const waiter of this.#waiters) {
      if (waiter.cost !== cost) continue;
      if (first === undefined || waiter.compareTo(first) < 0) first = waiter;
    }
    first?.fail(error, now);
  }

  /** How many calls wait here. */
  protected waitingCalls(): number {
    let calls = 0;
    for (const { size } of this.#waiters) calls += size;
    return calls;
  }
}

function firstInLine(limits: Iterable<Limit>): Limit | undefined {
  let first: Limit | undefined;
  let waiter: Waiter | undefined;
  for (const limit of limits) {
    const other = limit.first();
    if (other === undefined) continue;
    if (waiter === undefined || other.compareTo(waiter) < 0) {
      first = limit;
      waiter = other;
    }
  }
  return first;
}

/** A limit that opens by itself as time goes by. */
export abstract class TimedLimit extends Limit {
  #wakeAt = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | undefined;

  /**
   * The earliest time, not before `now`, at which a call of this cost may start.
   * Infinity while something other than time has to pass first.
   */
  protected abstract opensAt(cost: number, now: number): number;

  hasRoom(cost: number, now: number): boolean {
    return this.opensAt(cost, now) <= now;
  }

  protected watch(now: number): void {
    const at = this.opensAt(this.leastCost(), now);
    if (at >= this.#wakeAt) return;
    this.unwatch();
    this.#wakeAt = at;
    this.#cancelWake = this.clock.schedule(
      () => {
        this.unwatch();
        this.offer(this.clock.now());
      },
      // Not `now`: this turn of the event loop may have been long. Rounded up: a
      // timer may be early by a fraction of a millisecond.
      Math.max(0, Math.ceil(at - this.clock.now())),
    );
  }

  protected unwatch(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }
}
