import type { BlockedWalk } from "./blocked-walk.js";
import type { Foresight, Patience } from "./patience.js";
import { PriorityQueue } from "./priority-queue.js";
import type { Asker, Slots } from "./slots.js";

/** Calls that wait for a limit: those of a lane, or one request for a permit. */
export interface Waiter extends Asker {
  /** How many calls wait. */
  readonly size: number;
  /** Tokens that each of the calls takes from a rate limit. */
  readonly cost: number;
  /** The limits that must all have room before a call starts. */
  readonly limits: readonly AwaitedLimit[];
  /** Since when its first call is ready. */
  readonly waitsSince: number;
  /** The longest that a server may hold it up, in milliseconds. */
  readonly maxPauseMs: number;
  /** How long its first call may be overtaken. */
  readonly patience: Patience;
  /**
   * Negative when this one's first call comes before the other's. Is asked of its
   * like alone: see {@link compareWaiters}.
   */
  compareTo(other: Waiter): number;
  /** Takes all limits of its first call; calling the result starts it. */
  admit(now: number): () => void;
  /** Its first call can never start: it ends with `error`. */
  fail(error: unknown, now: number): void;
  /** An offer of the limit where it stands is over, and it stands there still. */
  wasLookedAt?(now: number): void;
  /** One of its limits has more room or less, for it or for others. */
  limitHasChanged?(now: number): void;
  /** From now on it waits at `limit`; `undefined`: at none. */
  waitsAt(limit: AwaitedLimit | undefined, now: number): void;
}

/** A limit as those see it who need it. */
export interface AwaitedLimit extends Foresight {
  /** It also closes where nobody has taken its room, e.g. as a server says so. */
  readonly closesByItself: boolean;
  /** Who has its slots. `undefined`: it has none. */
  readonly slots: Slots | undefined;
  /** Some who have its slots wait, so that one may be lent once all have been looked at. */
  readonly mayLend: boolean;
  /** It opens by itself as time goes by. */
  readonly foreseesTime: boolean;
  /** Those who wait and need it, wherever they stand. */
  readonly claims: Claims;
  /** Whether there are such. */
  readonly isClaimed: boolean;
  /** Those who stand here. */
  readonly line: PriorityQueue<Waiter>;
  /** Limits whose waiters could use more room here. */
  readonly followers: Set<AwaitedLimit>;
  /** Some of them stand here only since room is kept for others. */
  keepsRoom: boolean;
  /** Its room is being offered now: those who stand here may be let in. */
  isOffered: boolean;
  /** Whether the first call of `waiter` may take room that nobody before it needs. */
  hasRoomFor(waiter: Waiter, now: number): boolean;
  /**
   * Whether a call of this cost may start now and leave enough for the first calls
   * of `others`.
   */
  hasRoomBeside(
    cost: number,
    others: readonly Waiter[],
    now: number,
    asker?: Asker,
  ): boolean;
  /** Whether there may be room for one of those who stand here. */
  mayAdmit(now: number): boolean;
  /** How many calls of this cost might start now, one after the other. */
  room(cost: number, now: number, asker?: Asker): number;
  /** Whether a call around `asker` has some of its room. */
  isHeldAround(asker: Asker): boolean;
  /** Whether there is room for `waiter` that nobody has to lend. */
  hasRoomAlone(waiter: Waiter, now: number): boolean;
  /** Whether `waiter`, which stands here, may be let in though no call ends. */
  mayOpenAlone(waiter: Waiter, now: number, walk: BlockedWalk): boolean;
  /** Whether `waiter` waits here for no time. */
  isOpenFor(waiter: Waiter, now: number): boolean;
  /** Whether nothing but time or calls that are blocked keeps `waiter` out here. */
  holdsUpForEver(waiter: Waiter, now: number, walk: BlockedWalk): boolean;
  /** `waiter`, which stood nowhere, stands here until there may be room. */
  park(waiter: Waiter, now: number): void;
  /** Lets `waiter` stand here. `lineHasChanged` must follow. */
  stand(waiter: Waiter, now: number): void;
  /** Others stand here than before. */
  lineHasChanged(now: number): void;
  /** An offer of its room is over: no waiter here wants the room that is left. */
  afterOffer(): void;
  /** `afterOffer`, here and of its followers. */
  endOffer(): void;
}

const NOBODY: readonly Waiter[] = [];

/** Who has been asked whether it is due, and what was found. */
type KnownDue = Map<Waiter, boolean>;

/**
 * The waiters that need a limit, wherever they stand. Those among them that are
 * due have been overtaken for long enough: room is kept for them at all of their
 * limits, so that nobody who comes after them is in their way.
 *
 *     waits -- it would have had room at each of its limits by now --> due
 *     due -- a server closes one of them, or one that came before it needs the
 *       room, too --> waits
 */
export class Claims {
  readonly #limit: AwaitedLimit;
  /** In their order. */
  readonly waiters = new PriorityQueue(compareWaiters);
  /** How many of them are inside of a call. Mostly none is. */
  #inside = 0;

  constructor(limit: AwaitedLimit) {
    this.#limit = limit;
  }

  /** A call of `waiter` begins to wait. */
  static begin(waiter: Waiter, now: number): void {
    waiter.patience.begin(waiter, now);
    for (const { claims } of waiter.limits) claims.#add(waiter);
  }

  /** `waiter` has another first call, which has waited as long. */
  static reorder(waiter: Waiter): void {
    Claims.end(waiter);
    for (const { claims } of waiter.limits) claims.#add(waiter);
  }

  static end(waiter: Waiter): void {
    for (const { claims } of waiter.limits) claims.#remove(waiter);
  }

  /** Whether one of them is inside of a call. */
  get hasOneInside(): boolean {
    return this.#inside > 0;
  }

  #add(waiter: Waiter): void {
    this.waiters.push(waiter);
    if (waiter.inside !== undefined) this.#inside += 1;
  }

  #remove(waiter: Waiter): void {
    const wasThere = this.waiters.remove(waiter);
    if (wasThere && waiter.inside !== undefined) this.#inside -= 1;
  }

  /** Those that are due. */
  due(now: number): readonly Waiter[] {
    let due: Waiter[] | undefined;
    const known: KnownDue = new Map();
    for (const waiter of this.waiters) {
      if (isDue(waiter, now, known)) (due ??= []).push(waiter);
    }
    return due ?? NOBODY;
  }

  /**
   * Those that come before `waiter` and are due. `waiter` is about to take room,
   * and they see that there is some.
   */
  dueBefore(waiter: Waiter, now: number): readonly Waiter[] {
    const limit = this.#limit;
    const before = [...this.#before(waiter)];
    if (before.length === 0) return NOBODY;
    for (const other of before) {
      if (limit.hasRoom(other.cost, now, other)) {
        other.patience.seesRoom(limit, now);
      }
    }
    // Only now: whether one is due may depend on those before it.
    const known: KnownDue = new Map();
    return before.filter((other) => isDue(other, now, known));
  }

  /** Whether those that come before `waiter` and are due need what room there is. */
  isKeptFrom(waiter: Waiter, now: number, known: KnownDue): boolean {
    const due: Waiter[] = [];
    for (const other of this.#before(waiter)) {
      if (!isDue(other, now, known)) continue;
      due.push(other);
      if (!this.#limit.hasRoomBeside(waiter.cost, due, now, waiter))
        return true;
    }
    return false;
  }

  /** Those that come before `waiter` and for whom room may be kept from it. */
  *#before(waiter: Waiter): Iterable<Waiter> {
    const first = this.waiters.peek();
    if (first === undefined || compareWaiters(first, waiter) >= 0) return;
    const isReserved = this.#limit.slots?.isReservedFor(waiter) === true;
    for (const other of this.waiters) {
      if (!keepsRoomFrom(other, waiter)) continue;
      // What is reserved for one is of no use to a new call.
      if (isReserved && !other.resumes) continue;
      yield other;
    }
  }

  /** Whether `waiter` comes before all others. */
  isFirst(waiter: Waiter): boolean {
    return this.waiters.peek() === waiter;
  }
}

function isDue(waiter: Waiter, now: number, known: KnownDue): boolean {
  let found = known.get(waiter);
  if (found !== undefined) return found;
  const { limits, cost, patience } = waiter;
  found = limits.every(
    (limit) =>
      limit.hasRoom(cost, now, waiter) ||
      (!limit.closesByItself &&
        limit.claims.isFirst(waiter) &&
        patience.isOver(limit, cost, now)),
  );
  // While room is kept from it for those before it, other room is of no use to it.
  found &&= !limits.some(({ claims }) => claims.isKeptFrom(waiter, now, known));
  known.set(waiter, found);
  return found;
}

/** Negative when `a` comes before `b`. Calls that go on come before all others. */
export function compareWaiters(a: Waiter, b: Waiter): number {
  return a.resumes === b.resumes
    ? a.compareTo(b)
    : Number(b.resumes === true) - Number(a.resumes === true);
}

/**
 * Whether room may be kept from `waiter` for `other`: that one comes before it, and
 * needs nothing of a call around `waiter`, which would have to end first.
 */
export function keepsRoomFrom(other: Waiter, waiter: Waiter): boolean {
  if (compareWaiters(other, waiter) >= 0) return false;
  if (waiter.inside === undefined) return true;
  return !other.limits.some((limit) => limit.isHeldAround(waiter));
}
