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
  readonly #keys = new Map<string, Key>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The locks for these accesses: one for each key. */
  of(accesses: readonly Access[]): readonly KeyLock[] {
    const keys: Key[] = [];
    for (const { key: name, mode } of accesses) {
      const key = this.#of(name);
      if (key.wanted === undefined) keys.push(key);
      // Whoever writes a key may read it, too.
      if (key.wanted !== "write") key.wanted = mode;
    }
    return keys.map((key) => this.#take(key));
  }

  #of(name: string): Key {
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = { wanted: undefined, read: undefined, write: undefined };
      this.#keys.set(name, key);
    }
    return key;
  }

  #take(key: Key): KeyLock {
    const mode = key.wanted as Access["mode"];
    key.wanted = undefined;
    return (key[mode] ??= new KeyLock(mode, key, this.#clock));
  }
}

/** The locks of one key. Most keys are used in one mode alone. */
interface Key {
  /** How the call wants it whose accesses are being read. */
  wanted: Access["mode"] | undefined;
  read: KeyLock | undefined;
  write: KeyLock | undefined;
}

/** One key, for those who read it or for those who write it. */
export class KeyLock extends Limit {
  readonly kind = "concurrency";
  override readonly outlivesCalls = false;
  /** Who waits for a key keeps no room of other limits from others. */
  override readonly closesByItself = true;
  readonly #mode: Access["mode"];
  readonly #key: Key;
  /** Mostly one call has a key. */
  #holder: Holder | undefined;
  #moreHolders: Set<Holder> | undefined;

  /** A key may say what nobody else is to read, so the name doesn't. */
  constructor(mode: Access["mode"], key: Key, clock: Clock) {
    super("shared state", clock);
    this.#mode = mode;
    this.#key = key;
  }

  /** The same key in the other mode. `undefined`: nobody has asked for that one. */
  get #other(): KeyLock | undefined {
    return this.#mode === "write" ? this.#key.read : this.#key.write;
  }

  override get keepsOthersOut(): boolean {
    return true;
  }

  hasRoom(_cost: number, _now: number, asker?: Asker): boolean {
    const other = this.#other;
    if (!this.#isHeld && (other === undefined || !other.#isHeld)) return true;
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
    if (this.#holder === undefined) this.#holder = holder;
    else (this.#moreHolders ??= new Set()).add(holder);
  }

  release(_cost: number, holder: Holder): void {
    if (this.#holder === holder) this.#holder = undefined;
    else this.#moreHolders?.delete(holder);
    // This one is offered by whoever releases it.
    const other = this.#other;
    if (other?.isClaimed) {
      queueMicrotask(() => other.offer(this.clock.now()));
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

  get #isHeld(): boolean {
    return this.#holder !== undefined || !!this.#moreHolders?.size;
  }

  *#holders(): Iterable<Holder> {
    if (this.#holder !== undefined) yield this.#holder;
    if (this.#moreHolders !== undefined) yield* this.#moreHolders;
  }

  /** The calls that have what excludes this mode. */
  *#inTheWay(): Iterable<Holder> {
    if (this.#mode === "write") yield* this.#holders();
    const other = this.#other;
    if (other !== undefined) yield* other.#holders();
  }
}
