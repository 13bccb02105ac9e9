import { ratesOf } from "../policy/rate-limit.js";
import { BlockedWalk } from "./blocked-walk.js";
import type { Clock } from "./clock.js";
import type { AwaitedLimit, Waiter } from "./claims.js";
import { type Correction, Limit } from "./limit.js";
import type {
  LimitRequest,
  Permit,
  SharedLimit,
  SharedLimits,
} from "./shared-limits.js";
import {
  type Permits,
  plainShape,
  type Shape,
  shapeOf,
} from "./permit-shape.js";
import { SlotReturns } from "./slot-returns.js";
import {
  type SharedSlot,
  type SharedSlots,
  sharedSlotsOf,
} from "./shared-slots.js";
import type { Asker, Holder } from "./slots.js";

/**
 * How many permits are asked for ahead. Few, so that other processes get theirs
 * in between. Enough, so that the next one is there when a call can start.
 */
const MAX_ASKED = 8;
/** How long a spare permit is kept while another limit blocks the calls. */
const KEEP_MS = 1_000;

/**
 * Limits that are kept elsewhere, as one limit of this process. It is the last
 * limit of a call. While calls wait, it asks for as many permits as the other
 * limits have room for. A permit is room for one call.
 *
 * If the other limits have no room any more when a permit comes, the permit is
 * spare. One without tokens is kept for a moment and then given back. One with
 * tokens is given back in the same turn: its tokens are for the moment at which it
 * came, and a later start would be one too many among the starts that come then.
 *
 * Who has the slots is known by {@link SharedSlots}, since calls with other limits may
 * have some of these in common.
 */
export class SharedAdmission extends Limit {
  readonly kind: "concurrency" | "rate";
  override readonly capacity: number;
  readonly #shared: SharedLimits;
  readonly #limits: readonly SharedLimit[];
  /** Whether the cost of calls may be corrected when they have ended. */
  readonly #isEstimate: boolean;
  /** Those that have slots. */
  readonly #capped: readonly SharedLimit[];
  readonly #slots: SharedSlots;
  readonly #returns: SlotReturns;
  /** By the key of the shape. */
  readonly #permits = new Map<number | string, Permits>();
  /** The latest shape for which there was room with slots that were lent. */
  #lent: Shape | undefined;
  /** The limits that report to this one when they have more room. */
  #followed: AwaitedLimit[] = [];
  #cancelReturn: (() => void) | undefined;
  /** Spare permits are given back at the end of this turn. */
  #willReturn = false;

  constructor(
    limits: readonly SharedLimit[],
    shared: SharedLimits,
    clock: Clock,
    isEstimate = false,
  ) {
    super(limits.map(({ name }) => name).join(", "), clock);
    this.#limits = limits;
    this.#isEstimate = isEstimate;
    this.#capped = limits.filter(
      ({ concurrency }) => concurrency !== undefined,
    );
    this.#shared = shared;
    this.#slots = sharedSlotsOf(shared, clock);
    this.#returns = new SlotReturns(this.#slots, (request) =>
      this.#acquire(request),
    );
    const rates = limits.flatMap(({ rateLimit }) => ratesOf(rateLimit));
    this.kind = rates.length > 0 ? "rate" : "concurrency";
    this.capacity = Math.min(
      Number.POSITIVE_INFINITY,
      ...rates.flatMap(({ counts, burst }) =>
        counts === "calls" ? [] : burst,
      ),
    );
  }

  override get declared(): readonly SharedLimit[] {
    return this.#limits;
  }

  override get hasSlots(): boolean {
    return this.#capped.length > 0;
  }

  hasRoom(cost: number, _now?: number, asker?: Asker): boolean {
    if (asker?.resumes === true) {
      return asker.holder === undefined || this.#slots.mayResume(asker.holder);
    }
    const shape = this.#shapeOf(cost, asker);
    if (this.#hasSpare(shape.key)) {
      if (shape.held.size > 0) this.#lent = shape;
      return true;
    }
    // A permit with slots of its own is as good.
    return shape.key !== cost && this.#hasSpare(cost);
  }

  take(cost: number, _now: number, holder: Holder): void {
    const { key, held } = this.#shapeToTake(cost, holder);
    const permit = this.#permits.get(key)?.spare.pop() as Permit;
    this.#lent = undefined;
    this.#slots.take(
      holder,
      permit,
      held.size === 0
        ? this.#capped
        : this.#capped.filter(({ name }) => !held.has(name)),
      [...held.values()],
    );
  }

  release(_cost: number, holder: Holder): void {
    this.#slots.release(holder);
  }

  override correct({ holder, used }: Correction): void {
    this.#slots.permitOf(holder)?.correct?.(used);
  }

  override suspend(holder: Holder): void {
    if (this.hasSlots) this.#slots.suspend(holder);
  }

  override resume(holder: Holder): void {
    this.#slots.resume(holder);
  }

  override isHeldAround(asker: Asker): boolean {
    return this.#slots.isHeldAround(this.#capped, asker);
  }

  /** Without a permit there is nothing to lend with. */
  override get mayLend(): boolean {
    return this.#slots.hasWaiting && this.#hasAnySpare();
  }

  override get lending(): readonly Limit[] {
    return this.#capped
      .filter(
        (limit) =>
          this.#slots.hasAll(limit) &&
          this.#slots.areAllBlocked(limit.name, new BlockedWalk()),
      )
      .flatMap(({ name }) => this.#slots.queuesOf(name));
  }

  /** Who may use which slot depends on who is blocked, which isn't asked here. */
  override hasRoomAlone(waiter: Waiter): boolean {
    return this.#hasSpareFor(waiter);
  }

  override mayOpenAlone(
    waiter: Waiter,
    _now: number,
    walk: BlockedWalk,
  ): boolean {
    if (this.#hasSpareFor(waiter)) return false;
    walk.note(this);
    const sharesSlots = this.#shared.sharesSlots === true;
    return !this.#slots.holdUp(this.#capped, waiter, walk, sharesSlots);
  }

  /** Of slots that other processes may have, nothing is known before it asks. */
  override holdsUpForEver(
    waiter: Waiter,
    _now: number,
    walk: BlockedWalk,
  ): boolean {
    if (walk.asksLocks) return true;
    return this.#slots.mayHoldUp(this.#capped, waiter, walk);
  }

  protected watch(): void {
    this.#slots.enter(this);
    this.#ask();
  }

  protected unwatch(): void {
    this.#slots.leave(this);
    this.#ask();
  }

  override afterOffer(): void {
    this.#ask();
    if (!this.#hasAnySpare()) {
      this.#cancelReturn?.();
      this.#cancelReturn = undefined;
    } else if (this.kind === "rate") {
      this.#returnNow();
    } else {
      this.#cancelReturn ??= this.clock.schedule(this.#returnSpare, KEEP_MS);
    }
  }

  /** A permit is for one shape only, so there may be one for a later call. */
  override mayAdmit(now: number): boolean {
    return this.waitersInOrder().some((waiter) =>
      this.hasRoom(waiter.cost, now, waiter),
    );
  }

  #shapeOf(cost: number, asker: Asker | undefined): Shape {
    return shapeOf(cost, asker, this.#capped, this.#slots);
  }

  /** Which permit a call takes, for which there is room. */
  #shapeToTake(cost: number, holder: Holder): Shape {
    const own = this.#shapeOf(cost, holder);
    if (this.#hasSpare(own.key)) return own;
    const lent = this.#lent;
    const isLent =
      lent?.cost === cost &&
      this.#hasSpare(lent.key) &&
      [...lent.held.values()].every((slot) => this.#slots.isUnused(slot));
    return isLent ? lent : plainShape(cost);
  }

  /** Whether there is a permit for `waiter` with slots of its own or of its host. */
  #hasSpareFor(waiter: Waiter): boolean {
    for (const { cost, held = [], spare } of this.#permits.values()) {
      if (spare.length === 0 || cost !== waiter.cost) continue;
      if (held.every((name) => this.#slots.hostSlot(name, waiter))) return true;
    }
    return false;
  }

  #hasAnySpare(): boolean {
    return [...this.#permits.values()].some(({ spare }) => spare.length > 0);
  }

  #hasSpare(key: number | string): boolean {
    return (this.#permits.get(key)?.spare.length ?? 0) > 0;
  }

  /** Asks for permits or withdraws requests: one for each call that could start. */
  #ask(): void {
    this.#returns.ask(this.line);
    const startable = this.#startable();
    for (const { shape } of startable.values()) this.#of(shape);
    for (const [key, permits] of this.#permits) {
      const { asked, spare } = permits;
      const calls = startable.get(key)?.calls ?? 0;
      const wanted = Math.max(0, calls - spare.length);
      while (asked.size < Math.min(wanted, MAX_ASKED)) this.#askOne(permits);
      const surplus = Math.max(0, asked.size - wanted);
      for (const controller of [...asked].toReversed().slice(0, surplus)) {
        asked.delete(controller);
        controller.abort();
      }
      if (asked.size + spare.length === 0) this.#permits.delete(key);
    }
  }

  /**
   * How many of the waiting calls the other limits would let start, by what they ask
   * for. The first one always counts: when its permit comes and another limit has
   * no room, its waiter moves on to that limit. So does the first that may use a
   * slot: the first of all may have to wait until that one has ended.
   */
  #startable(): ReadonlyMap<number | string, { shape: Shape; calls: number }> {
    for (const limit of this.#followed.splice(0)) limit.followers.delete(this);
    const now = this.clock.now();
    const rooms = new Map<AwaitedLimit, number>([
      [this, Number.POSITIVE_INFINITY],
    ]);
    const startable = new Map<
      number | string,
      { shape: Shape; calls: number }
    >();
    const add = (shape: Shape, calls: number) => {
      const known = startable.get(shape.key);
      if (known === undefined) startable.set(shape.key, { shape, calls });
      else known.calls += calls;
    };
    const shared = new Set<SharedSlot>();
    for (const waiter of this.waitersInOrder()) {
      const { limits, cost, size, inside } = waiter;
      if (waiter.resumes === true) continue;
      let most = size;
      for (const limit of limits) {
        let room = rooms.get(limit) ?? limit.room(cost, now);
        rooms.set(limit, room);
        // It may have the slot of a call around it.
        if (room <= 0 && inside) room = limit.room(cost, now, waiter);
        most = Math.max(0, Math.min(most, room));
      }
      const shape = this.#shapeOf(cost, waiter);
      const slots = [...shape.held.values()];
      const isFirstOfShape = shape.key !== cost && !startable.has(shape.key);
      if (startable.size === 0 || isFirstOfShape) most = Math.max(1, most);
      for (const limit of limits) rooms.set(limit, rooms.get(limit)! - most);
      // One call at a time uses a slot: the others ask for their own. Who needs more
      // than these has no use for them yet.
      const isComplete = slots.length === this.#capped.length;
      if (slots.length === 0) {
        add(shape, most);
        continue;
      }
      const isFirst = !isComplete || !slots.some((slot) => shared.has(slot));
      if (most > 0 && isFirst) {
        if (isComplete) for (const slot of slots) shared.add(slot);
        add(shape, 1);
        most -= 1;
        if (most === 0) continue;
      }
      add(plainShape(cost), most);
    }
    for (const [limit, room] of rooms) {
      if (room === Number.POSITIVE_INFINITY) continue;
      limit.followers.add(this);
      this.#followed.push(limit);
    }
    return startable;
  }

  #askOne(permits: Permits): void {
    const { asked, spare, cost, held } = permits;
    const controller = new AbortController();
    asked.add(controller);
    const request: LimitRequest = {
      limits: this.#limits,
      cost,
      signal: controller.signal,
      ...(held && { held }),
      ...(this.#isEstimate && { isEstimate: true }),
    };
    this.#acquire(request).then(
      (permit) => {
        // A withdrawal can cross with a permit that is already granted.
        if (!asked.delete(controller)) {
          permit.cancel();
          return;
        }
        spare.push(permit);
        this.offer(this.clock.now());
      },
      (error: unknown) => {
        if (!asked.delete(controller)) return;
        this.fail(cost, error, this.clock.now());
        this.#ask();
      },
    );
  }

  /** Async, so that an `acquire` that throws at once rejects. */
  async #acquire(request: LimitRequest): Promise<Permit> {
    return this.#shared.acquire(request);
  }

  /** If a slot may be lent in this turn, the permit is for whoever gets it. */
  #returnNow(): void {
    if (!this.claims.hasOneInside) {
      this.#returnSpare();
    } else if (!this.#willReturn) {
      this.#willReturn = true;
      this.clock.afterTurn(() => {
        this.#willReturn = false;
        this.#returnSpare();
      });
    }
  }

  readonly #returnSpare = () => {
    this.#cancelReturn = undefined;
    for (const { spare } of this.#permits.values()) {
      for (const permit of spare.splice(0)) permit.cancel();
    }
    this.#ask();
    this.tellWaiters(this.clock.now());
  };

  #of({ key, cost, held }: Shape): Permits {
    let permits = this.#permits.get(key);
    if (permits === undefined) {
      const names = key === cost ? undefined : [...held.keys()];
      permits = { cost, held: names, asked: new Set(), spare: [] };
      this.#permits.set(key, permits);
    }
    return permits;
  }
}
