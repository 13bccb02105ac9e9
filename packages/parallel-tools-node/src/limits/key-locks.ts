import type { Access } from "../policy/access.js";
import type { BlockedWalk } from "./blocked-walk.js";
import type { Clock } from "./clock.js";
import type { Waiter } from "./claims.js";
import { Limit } from "./limit.js";
import { type Asker, type Holder, isAround } from "./slots.js";

/**
 * The state that the calls of one run tree share: of a message and of all that runs
 * inside of its calls. A call has the keys of its accesses from its start to its end.
 * Reads share a key; those of a call around it don't count.
 */
export class KeyLocks {
  readonly #clock: Clock;
  readonly #locks = new Map<string, Record<Access["mode"], KeyLock>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The locks for these accesses: one for each key. */
  of(accesses: readonly Access[]): readonly KeyLock[] {
    const modes = new Map<string, Access["mode"]>();
    for (const { key, mode } of accesses) {
      if (mode === "write" || !modes.has(key)) modes.set(key, mode);
    }
    return [...modes].map(([key, mode]) => this.#of(key)[mode]);
  }

  #of(key: string): Record<Access["mode"], KeyLock> {
    let locks = this.#locks.get(key);
    if (locks === undefined) {
      const read = new KeyLock("read", this.#clock);
      const write = new KeyLock("write", this.#clock);
      read.other = write;
      write.other = read;
      locks = { read, write };
      this.#locks.set(key, locks);
    }
    return locks;
  }
}

/** One key, for those who read it or for those who write it. */
export class KeyLock extends Limit {
  readonly kind = "concurrency";
  override readonly outlivesCalls = false;
  /** Who waits for a key keeps no room of other limits from others. */
  override readonly closesByItself = true;
  /** The same key in the other mode. */
  other: KeyLock | undefined;
  readonly #mode: Access["mode"];
  readonly #holders = new Set<Holder>();

  /** A key may say what nobody else is to read, so the name doesn't. */
  constructor(mode: Access["mode"], clock: Clock) {
    super("shared state", clock);
    this.#mode = mode;
  }

  override get keepsOthersOut(): boolean {
    return true;
  }

  hasRoom(_cost: number, _now: number, asker?: Asker): boolean {
    for (const holder of this.#inTheWay()) {
      if (!isAround(holder, asker)) return false;
    }
    return true;
  }

  /** Whoever writes needs the key alone. */
  override room(cost: number, now: number, asker?: Asker): number {
    if (!this.hasRoom(cost, now, asker)) return 0;
    return this.#mode === "write" ? 1 : Number.POSITIVE_INFINITY;
  }

  take(_cost: number, _now: number, holder: Holder): void {
    this.#holders.add(holder);
  }

  release(_cost: number, holder: Holder): void {
    this.#holders.delete(holder);
    // This one is offered by whoever releases it.
    if (this.other?.isClaimed) {
      queueMicrotask(() => this.other?.offer(this.clock.now()));
    }
  }

  override holdsUpForEver(
    waiter: Waiter,
    _now: number,
    walk: BlockedWalk,
  ): boolean {
    let isFree = true;
    for (const holder of this.#inTheWay()) {
      if (isAround(holder, waiter)) continue;
      isFree = false;
      if (!holder.isBlocked(walk)) return false;
    }
    if (!isFree && walk.asksLocks) walk.waiting.push(waiter);
    return true;
  }

  override isOpenFor(): boolean {
    return true;
  }

  override hasRoomAlone(waiter: Waiter, now: number): boolean {
    return this.hasRoom(waiter.cost, now, waiter);
  }

  /** A key may be free for one alone who stands behind others. */
  override mayAdmit(): boolean {
    return true;
  }

  override isHeldAround(asker: Asker): boolean {
    for (const holder of this.#inTheWay()) {
      if (isAround(holder, asker)) return true;
    }
    return false;
  }

  /** Room comes from calls that end. */
  protected watch(): void {}

  protected unwatch(): void {}

  /** The calls that have what excludes this mode. */
  *#inTheWay(): Iterable<Holder> {
    if (this.#mode === "write") yield* this.#holders;
    yield* this.other!.#holders;
  }
}
