import { ratesOf } from "../policy/rate-limit.js";
import type { Clock } from "./clock.js";
import type { AwaitedLimit, Waiter } from "./claims.js";
import { Limit } from "./limit.js";
import type {
  LimitRequest,
  Permit,
  SharedLimit,
  SharedLimits,
} from "./shared-limits.js";

/**
 * How many permits are asked for ahead. Few, so that other processes get theirs
 * in between. Enough, so that the next one is there when a call can start.
 */
const MAX_ASKED = 8;
/** How long a spare permit is kept while another limit blocks the calls. */
const KEEP_MS = 1_000;

/** Permits for calls of one cost. */
interface Permits {
  /** Requests that have no answer yet. */
  readonly asked: Set<AbortController>;
  /** Permits that no call has taken yet. */
  readonly spare: Permit[];
  /** Permits of running calls. */
  readonly held: Permit[];
}

/**
 * Limits that are kept elsewhere, as one limit of this process. It is the last
 * limit of a call. While calls wait, it asks for as many permits as the other
 * limits have room for. A permit is room for one call.
 *
 * If the other limits have no room any more when a permit comes, the permit is
 * spare. One without tokens is kept for a moment and then given back. One with
 * tokens is given back at once: its tokens are for the moment at which it came,
 * and a later start would be one too many among the starts that come then.
 */
export class SharedAdmission extends Limit {
  readonly kind: "concurrency" | "rate";
  override readonly capacity: number;
  readonly #shared: SharedLimits;
  readonly #limits: readonly SharedLimit[];
  readonly #permits = new Map<number, Permits>();
  /** The limits that report to this one when they have more room. */
  #followed: AwaitedLimit[] = [];
  #cancelReturn: (() => void) | undefined;

  constructor(
    limits: readonly SharedLimit[],
    shared: SharedLimits,
    clock: Clock,
  ) {
    super(limits.map(({ name }) => name).join(", "), clock);
    this.#limits = limits;
    this.#shared = shared;
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

  hasRoom(cost: number): boolean {
    return this.#of(cost).spare.length > 0;
  }

  take(cost: number): void {
    const { spare, held } = this.#of(cost);
    held.push(spare.pop() as Permit);
  }

  /** Permits of one cost are equal, so it releases any of them. */
  release(cost: number): void {
    this.#of(cost).held.pop()?.release();
  }

  protected watch(): void {
    this.#ask();
  }

  protected unwatch(): void {
    this.#ask();
  }

  override afterOffer(): void {
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

  /** Calls of other processes end without a word. */
  override mayOpenAlone({ cost }: Waiter): boolean {
    return !this.hasRoom(cost);
  }

  /** A permit is for one cost only, so there may be one for a higher cost. */
  override mayAdmit(): boolean {
    return this.waitersInOrder().some(({ cost }) => this.hasRoom(cost));
  }

  /** Asks for permits or withdraws requests: one for each call that could start. */
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
   * How many of the waiting calls the other limits would let start, by cost. The
   * first one always counts: when its permit comes and another limit has no
   * room, its waiter moves on to that limit.
   */
  #startable(): ReadonlyMap<number, number> {
    for (const limit of this.#followed.splice(0)) limit.followers.delete(this);
    const now = this.clock.now();
    const rooms = new Map<AwaitedLimit, number>([
      [this, Number.POSITIVE_INFINITY],
    ]);
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
