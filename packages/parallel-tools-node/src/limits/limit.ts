import type { BlockedWalk } from "./blocked-walk.js";
import type { Clock } from "./clock.js";
import {
  type AwaitedLimit,
  Claims,
  compareWaiters,
  keepsRoomFrom,
  type Waiter,
} from "./claims.js";
import { offerAll } from "./offer.js";
import { PriorityQueue } from "./priority-queue.js";
import type { SharedLimit } from "./shared-limits.js";
import { type Asker, type Holder, Slots } from "./slots.js";

/** What a call has used of the rates that don't count calls. */
export interface Correction {
  readonly holder: Holder;
  /** Tokens that it has taken. */
  readonly cost: number;
  /** Tokens that it has used. */
  readonly used: number;
  /** When it took them. */
  readonly since: number;
}

/**
 * Something that must have room before a call starts. A waiter stands at one
 * limit that blocks it. When that limit may have room, it offers its room to its
 * waiters in order. A waiter takes all of its limits at once, or moves on to the
 * next limit that blocks it. So a waiter never holds anything.
 *
 * Others may overtake it meanwhile: those that need less, or only some of its
 * limits. But not for ever: see {@link Claims}.
 */
export abstract class Limit implements AwaitedLimit {
  abstract readonly kind: "concurrency" | "rate" | "feedback" | "circuit";
  /** As a report names it, e.g. `resource serp`. */
  readonly name: string;
  /** The most tokens for which there can ever be room. */
  readonly capacity: number = Number.POSITIVE_INFINITY;
  /** It also closes where nobody has taken its room, e.g. as a server says so. */
  readonly closesByItself: boolean = false;
  /** It knows when it has room for a call. A cap doesn't: calls take their time. */
  readonly foreseesRoom: boolean = false;
  /** It opens by itself as time goes by. */
  readonly foreseesTime: boolean = false;
  /** An attempt that outlives its call keeps its room. */
  readonly outlivesCalls: boolean = true;
  protected readonly clock: Clock;
  /** Some of them stand here only since room is kept for others. */
  keepsRoom = false;
  /** Its room is being offered now: those who stand here may be let in. */
  isOffered = false;
  /** Who has its slots. `undefined`: it has none. */
  readonly slots: Slots | undefined = undefined;
  // Most keys and many limits never have a waiter.
  #claims: Claims | undefined;
  #line: PriorityQueue<Waiter> | undefined;
  #followers: Set<AwaitedLimit> | undefined;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.clock = clock;
  }

  /** Those who wait and need this limit, wherever they stand. */
  get claims(): Claims {
    return (this.#claims ??= new Claims(this));
  }

  /** Those who stand here. */
  get line(): PriorityQueue<Waiter> {
    return (this.#line ??= new PriorityQueue(compareWaiters));
  }

  /** Limits whose waiters could use more room here. */
  get followers(): Set<AwaitedLimit> {
    return (this.#followers ??= new Set());
  }

  /** Calls have slots here while they run. */
  get hasSlots(): boolean {
    return this.slots !== undefined;
  }

  /** Calls have something here while they run that others may wait for. */
  get keepsOthersOut(): boolean {
    return this.hasSlots;
  }

  /** Whether a call around the asking one has a slot here. */
  isHeldAround(asker: Asker): boolean {
    return this.slots?.isHeldAround(asker) === true;
  }

  /** A call that has a slot here waits for what is inside of it. */
  suspend(holder: Holder): void {
    this.slots?.suspend(holder);
  }

  /** It goes on. */
  resume(holder: Holder): void {
    this.slots?.resume(holder);
  }

  /** Some who have its slots wait, so that one may be lent once all have been looked at. */
  get mayLend(): boolean {
    return this.slots?.hasWaiting === true;
  }

  /** Where others may have a slot of this limit, since all who have one are blocked. */
  get lending(): readonly Limit[] {
    return this.slots?.areAllBlocked() === true ? [this] : [];
  }

  /** Tokens that a call of this cost takes here. */
  tokensOf(cost: number): number {
    return cost;
  }

  /**
   * Whether this limit lets a call of this cost start now.
   *
   * @param asker `undefined`: one that is inside of no other call
   */
  abstract hasRoom(cost: number, now: number, asker?: Asker): boolean;
  /** How many calls of this cost might start now, one after the other. */
  room(cost: number, now: number, asker?: Asker): number {
    return this.hasRoom(cost, now, asker) ? Number.POSITIVE_INFINITY : 0;
  }

  /**
   * Whether a call of this cost may start now and leave enough for the first calls
   * of `others`.
   */
  hasRoomBeside(
    cost: number,
    others: readonly Waiter[],
    now: number,
    asker?: Asker,
  ): boolean {
    return this.room(cost, now, asker) > others.length;
  }

  /**
   * Until when a call of this cost that is first in line may be overtaken, where the
   * limit foresees room.
   */
  patienceUntil(_cost: number, now: number): number {
    return now;
  }

  /** Takes the room. Only right after `hasRoom` said yes. */
  abstract take(cost: number, now: number, holder: Holder): void;
  /** A call of this cost has ended. An `offer` must follow in the same turn. */
  abstract release(cost: number, holder: Holder): void;
  /** A call has used more or less than it has taken. An `offer` must follow. */
  correct(_correction: Correction, _now: number): void {}

  /**
   * Whether nothing but time or calls that are blocked keeps `waiter` out here, if
   * anything does: the end of no call will let it in.
   */
  holdsUpForEver(waiter: Waiter, now: number, walk: BlockedWalk): boolean {
    const { slots } = this;
    if (slots === undefined || walk.asksLocks) return true;
    if (this.hasRoomAlone(waiter, now)) return true;
    return walk.isBlocked(this, () => slots.areAllBlocked(walk));
  }

  /**
   * Whether `waiter` can't start before it is lent a slot here, whatever else it waits
   * for.
   */
  needsLoan(waiter: Waiter, now: number, walk: BlockedWalk): boolean {
    const { slots } = this;
    if (slots === undefined || slots.claims === 0 || walk.asksLocks)
      return false;
    if (this.hasRoomAlone(waiter, now)) return false;
    return walk.isBlocked(this, () => slots.areAllBlocked(walk));
  }

  /** Whether there is room for `waiter` that nobody has to lend. */
  hasRoomAlone(waiter: Waiter, now: number): boolean {
    return (
      this.hasRoom(waiter.cost, now) ||
      (this.slots?.isReservedFor(waiter) === true &&
        this.hasRoom(waiter.cost, now, waiter))
    );
  }

  /**
   * Whether `waiter`, which stands here, may be let in though no call of this process
   * ends: by time, or by those of whom nothing is known.
   */
  mayOpenAlone(waiter: Waiter, now: number, _walk: BlockedWalk): boolean {
    return this.foreseesTime && !this.isOpenFor(waiter, now);
  }

  /** Whether `waiter` waits here for no time. */
  isOpenFor(waiter: Waiter, now: number): boolean {
    return this.hasRoom(waiter.cost, now, waiter);
  }

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
    return this.#line !== undefined && this.#line.size > 0;
  }

  get isClaimed(): boolean {
    return this.#claims !== undefined && this.#claims.waiters.size > 0;
  }

  /** `waiter`, which stood nowhere, stands here until there may be room. */
  park(waiter: Waiter, now: number): void {
    Claims.begin(waiter, now);
    this.stand(waiter, now);
    this.watch(now);
  }

  /** `waiter`, which stands here, has another first call. */
  reorder(waiter: Waiter): void {
    this.line.remove(waiter);
    this.line.push(waiter);
    Claims.reorder(waiter);
  }

  /**
   * Takes `waiter`, which stands here, away. An `offerKept` of its limits must
   * follow.
   */
  leave(waiter: Waiter, now: number): void {
    this.line.remove(waiter);
    Claims.end(waiter);
    waiter.waitsAt(undefined, now);
    this.lineHasChanged(now);
  }

  /** There may be room: waiters are let in as far as there is. */
  offer(now: number): void {
    offerRoom([this], now);
  }

  /** The waiter that comes first, left in line. */
  first(): Waiter | undefined {
    return this.line.peek();
  }

  /** Lets `waiter` stand here. `lineHasChanged` must follow. */
  stand(waiter: Waiter, now: number): void {
    waiter.waitsAt(this, now);
    this.line.push(waiter);
  }

  /** Others stand here than before. */
  lineHasChanged(now: number): void {
    if (this.hasWaiters) this.watch(now);
    else this.unwatch();
    if (this.claims.hasOneInside) {
      for (const waiter of this.line) waiter.wasLookedAt?.(now);
    }
    this.tellWaiters(now);
  }

  /** Those inside of a call may be held up for ever by now, or not any more. */
  protected tellWaiters(now: number): void {
    if (!this.claims.hasOneInside) return;
    for (const waiter of this.claims.waiters) waiter.limitHasChanged?.(now);
  }

  /** Whether the first call of `waiter` may take room that nobody before it needs. */
  hasRoomFor(waiter: Waiter, now: number): boolean {
    if (!this.hasRoom(waiter.cost, now, waiter)) return false;
    if (!this.isClaimed) return true;
    const due = this.claims.dueBefore(waiter, now);
    if (due.length === 0) return true;
    if (this.hasRoomBeside(waiter.cost, due, now, waiter)) return true;
    this.keepsRoom = true;
    return false;
  }

  /** An offer is over. */
  endOffer(): void {
    this.afterOffer();
    if (this.#followers === undefined || this.#followers.size === 0) return;
    // A copy: they may leave and come back while they are told.
    const followers = [...this.#followers];
    for (const follower of followers) follower.afterOffer();
  }

  /** An offer is over: no waiter here wants the room that is left. */
  afterOffer(): void {}

  /** Whether there may be room for one of those who stand here. */
  mayAdmit(now: number): boolean {
    return this.hasRoomBeside(1, this.claims.due(now), now);
  }

  /**
   * The fewest tokens that let a waiter take what it needs and leave what is kept
   * for those before it.
   */
  protected leastNeed(now: number): number {
    const due = this.claims.due(now);
    let least = Number.POSITIVE_INFINITY;
    for (const waiter of this.line) {
      let need = this.tokensOf(waiter.cost);
      for (const other of due) {
        if (keepsRoomFrom(other, waiter)) need += this.tokensOf(other.cost);
      }
      least = Math.min(least, need);
    }
    return least;
  }

  /** The waiters of this limit in their order. */
  protected waitersInOrder(): readonly Waiter[] {
    return [...this.line].sort(compareWaiters);
  }

  /** The first waiting call of this cost ends with `error`. */
  protected fail(cost: number, error: unknown, now: number): void {
    let first: Waiter | undefined;
    for (const waiter of this.line) {
      if (waiter.cost !== cost) continue;
      if (first === undefined || compareWaiters(waiter, first) < 0) {
        first = waiter;
      }
    }
    first?.fail(error, now);
  }
}

/**
 * There may be room at these limits, e.g. since a call has ended: waiters are let in
 * as far as there is.
 */
export function offerRoom(limits: readonly Limit[], now: number): void {
  if (limits.some(({ isClaimed }) => isClaimed)) offerAll(limits, now);
  // The usual case, at the end of nearly every call.
  else for (const limit of limits) limit.endOffer();
}

/** A limit with slots, which calls have while they run. */
export abstract class SlotLimit extends Limit {
  readonly kind = "concurrency";
  override readonly slots = new Slots();

  hasRoom(cost: number, now: number, asker?: Asker): boolean {
    return this.room(cost, now, asker) > 0;
  }

  override isOpenFor(): boolean {
    return true;
  }

  /** What is kept from others may be for one alone who stands behind them. */
  override mayAdmit(now: number): boolean {
    const isForOneInside = this.keepsRoom && this.claims.hasOneInside;
    return this.slots.hasWaiting || isForOneInside || super.mayAdmit(now);
  }
}
