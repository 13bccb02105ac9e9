import type { Clock } from "./clock.js";
import { Limit } from "./limit.js";
import type {
  LimitRequest,
  Permit,
  SharedLimit,
  SharedLimits,
} from "./shared-limits.js";

/**
 * Permits that are asked for ahead: few, so that others get theirs in between,
 * and enough to have the next one when its time comes.
 */
const MAX_ASKED = 8;
/** For how long a slot is kept for calls that another limit holds up. */
const KEEP_MS = 1_000;

/** Permits for calls of one cost. */
interface Permits {
  /** Asked for and not yet there. */
  readonly asked: Set<AbortController>;
  /** There, and no call has taken them yet. */
  readonly spare: Permit[];
  /** Of calls that run. */
  readonly held: Permit[];
}

/**
 * Limits that are kept elsewhere, as one limit of calls here. While calls wait,
 * permits are asked for, as many as there is room for in all local limits, which
 * it stands behind; one that comes is room for one call. If the room is gone by
 * then, a slot is kept for a moment and then given back. Tokens are given back
 * at once: they are of the moment when they came, and a start that takes them
 * later would be one too many among those that come then.
 */
export class SharedAdmission extends Limit {
  readonly kind: "concurrency" | "rate";
  override readonly capacity: number;
  readonly #shared: SharedLimits;
  readonly #limits: readonly SharedLimit[];
  readonly #permits = new Map<number, Permits>();
  /** Limits that tell when they have more room. */
  #followed: Limit[] = [];
  #cancelReturn: (() => void) | undefined;

  constructor(
    limits: readonly SharedLimit[],
    shared: SharedLimits,
    clock: Clock,
  ) {
    super(limits.map(({ name }) => name).join(", "), clock);
    this.#limits = limits;
    this.#shared = shared;
    const rates = limits.flatMap(({ rateLimit }) => rateLimit ?? []);
    this.kind = rates.length > 0 ? "rate" : "concurrency";
    this.capacity = Math.min(
      Number.POSITIVE_INFINITY,
      ...rates.map(({ burst }) => burst),
    );
  }

  override get declared(): readonly SharedLimit[] {
    return this.#limits;
  }

  hasRoom(cost: number): boolean {
    return this.#of(cost).spare.length > 0;
  }

  take(cost: number): void {
    const { spare, held } = this.#of(cost);
    held.push(spare.pop() as Permit);
  }

  /** Permits of one cost are alike, so any of them will do. */
  release(cost: number): void {
    this.#of(cost).held.pop()?.release();
  }

  protected watch(): void {
    this.#ask();
  }

  protected unwatch(): void {
    this.#ask();
  }

  protected override afterOffer(): void {
    this.#ask();
    const hasSpare = [...this.#permits.values()].some(
      ({ spare }) => spare.length > 0,
    );
    if (!hasSpare) {
      this.#cancelReturn?.();
      this.#cancelReturn = undefined;
    } else if (this.kind === "rate") {
      this.#returnSpare();
    } else {
      this.#cancelReturn ??= this.clock.schedule(this.#returnSpare, KEEP_MS);
    }
  }

  /** A permit is for one cost: none for the least says nothing of the rest. */
  protected override mayAdmit(): boolean {
    return this.waitersInOrder().some(({ cost }) => this.hasRoom(cost));
  }

  /** Asks for as many permits as calls could start, or for fewer than before. */
  #ask(): void {
    const startable = this.#startable();
    for (const cost of startable.keys()) this.#of(cost);
    for (const [cost, { asked, spare, held }] of this.#permits) {
      const wanted = Math.max(0, (startable.get(cost) ?? 0) - spare.length);
      while (asked.size < Math.min(wanted, MAX_ASKED)) this.#askOne(cost);
      const surplus = Math.max(0, asked.size - wanted);
      for (const controller of [...asked].toReversed().slice(0, surplus)) {
        asked.delete(controller);
        controller.abort();
      }
      const inUse = asked.size + spare.length + held.length;
      if (inUse === 0) this.#permits.delete(cost);
    }
  }

  /**
   * How many of the calls that wait the other limits would let start, by cost.
   * One at least, whose waiter moves on to where its room has gone when its
   * permit comes.
   */
  #startable(): ReadonlyMap<number, number> {
    for (const limit of this.#followed.splice(0)) limit.followers.delete(this);
    const now = this.clock.now();
    const rooms = new Map<Limit, number>([[this, Number.POSITIVE_INFINITY]]);
    const calls = new Map<number, number>();
    for (const { limits, cost, size } of this.waitersInOrder()) {
      let most = size;
      for (const limit of limits) {
        const room = rooms.get(limit) ?? limit.room(cost, now);
        rooms.set(limit, room);
        most = Math.max(0, Math.min(most, room));
      }
      if (calls.size === 0) most = Math.max(1, most);
      for (const limit of limits) rooms.set(limit, rooms.get(limit)! - most);
      calls.set(cost, (calls.get(cost) ?? 0) + most);
    }
    for (const [limit, room] of rooms) {
      if (room === Number.POSITIVE_INFINITY) continue;
      limit.followers.add(this);
      this.#followed.push(limit);
    }
    return calls;
  }

  #askOne(cost: number): void {
    const { asked, spare } = this.#of(cost);
    const controller = new AbortController();
    asked.add(controller);
    const { signal } = controller;
    this.#acquire({ limits: this.#limits, cost, signal }).then(
      (permit) => {
        // Given back when it was granted: both were on their way.
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

  /** One that throws at once has rejected. */
  async #acquire(request: LimitRequest): Promise<Permit> {
    return this.#shared.acquire(request);
  }

  readonly #returnSpare = () => {
    this.#cancelReturn = undefined;
    for (const { spare } of this.#permits.values()) {
      for (const permit of spare.splice(0)) permit.cancel();
    }
    this.#ask();
  };

  #of(cost: number): Permits {
    let permits = this.#permits.get(cost);
    if (permits === undefined) {
      permits = { asked: new Set(), spare: [], held: [] };
      this.#permits.set(cost, permits);
    }
    return permits;
  }
}
