import { BlockedWalk } from "./blocked-walk.js";

/** A running call that has slots, as limits see it. */
export interface Holder {
  /** The call inside which it runs. */
  readonly inside: Holder | undefined;
  /** Whether others may have to wait until it ends. */
  readonly keepsOthersOut: boolean;
  /**
   * Whether all that runs inside of it waits for slots of calls that are blocked,
   * too. One that runs code of its own is not.
   */
  isBlocked(walk: BlockedWalk): boolean;
  /** Slots may be free that what runs inside of it waits for, or may have to be lent. */
  changed?(): void;
}

/** Who asks for room. */
export interface Asker {
  /** The call inside which it asks. */
  readonly inside: Holder | undefined;
  /** A call that goes on: it has its slots, and pays no rate again. */
  readonly resumes?: boolean | undefined;
  /** A call that goes on: itself. */
  readonly holder?: Holder | undefined;
}

/** Whether someone asks or runs inside of a holder. */
export function isAround(holder: Holder, asker: Asker | undefined): boolean {
  for (let one = asker?.inside; one; one = one.inside) {
    if (one === holder) return true;
  }
  return false;
}

/** A holder of which nothing is known. */
export function outsider(): Holder {
  return { inside: undefined, keepsOthersOut: true, isBlocked: () => false };
}

/**
 * Who has the slots of a limit. A call *claims* a slot from its start to its end,
 * and *uses* it while no batch runs inside of it. Rule R12:
 *
 * 1. A new call needs a slot that nobody claims.
 * 2. Or it is the guest of a call around it, which has one and waits: the two count
 *    once. A host has one guest at a time.
 * 3. Or it borrows one, if all calls that claim one are blocked.
 *
 * In each case fewer calls may use slots than there are. A call that goes on needs
 * nothing else, since it claims its slot still.
 */
export class Slots {
  /** Calls that have a slot. */
  #size = 0;
  /** Those among them inside of which others have run, and that run inside of others. */
  readonly #related = new Set<Holder>();
  /** Those among them that wait for what is inside of them. */
  readonly #waiting = new Set<Holder>();
  /** By the host. */
  readonly #guests = new Map<Holder, Holder>();
  /** By the guest. */
  readonly #hosts = new Map<Holder, Holder>();

  /** Calls that claim a slot. A guest and its host count once. */
  get claims(): number {
    return this.#size - this.#hosts.size;
  }

  /** Calls that use a slot. */
  get uses(): number {
    return this.#size - this.#waiting.size;
  }

  /** Whether one waits here, so that its slot may be used by others. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether someone has a slot of a call around it, or its own. */
  isReservedFor({ inside, resumes }: Asker): boolean {
    return resumes === true || this.#hostOf(inside) !== undefined;
  }

  /** Whether a call around the asking one has a slot. */
  isHeldAround(asker: Asker): boolean {
    if (this.#waiting.size === 0) return false;
    for (let one = asker.inside; one; one = one.inside) {
      if (this.#related.has(one)) return true;
    }
    return false;
  }

  /** Whether all who claim a slot are blocked. True if there are none. */
  areAllBlocked(walk = new BlockedWalk()): boolean {
    if (this.uses > 0) return false;
    for (const one of this.#waiting) if (!one.isBlocked(walk)) return false;
    return true;
  }

  /**
   * Whether someone may have a slot that is claimed. Who asks here waits for nothing
   * else, or it will ask again.
   */
  mayBeBorrowedBy(asker: Asker): boolean {
    return this.#size > 0 && this.areAllBlocked(new BlockedWalk(asker));
  }

  /** Whether someone may have a slot though all are claimed. */
  lendsTo(asker: Asker): boolean {
    if (this.#waiting.size === 0) return asker.resumes === true;
    return this.isReservedFor(asker) || this.mayBeBorrowedBy(asker);
  }

  /**
   * How many calls may start where there are so many slots.
   *
   * @param asker may be lent one. `undefined`: nobody may
   */
  roomOf(slots: number, asker: Asker | undefined): number {
    const unused = slots - this.uses;
    const free = Math.min(unused, slots - this.claims);
    if (free > 0 || unused <= 0) return free;
    return asker && this.lendsTo(asker) ? 1 : free;
  }

  /** A call starts: as a guest if it can be one. */
  take(holder: Holder): void {
    const host = this.#hostOf(holder.inside);
    if (host !== undefined) this.#pair(host, holder);
    this.#size += 1;
    if (holder.inside !== undefined) this.#related.add(holder);
  }

  /** A call that has a slot ends. What runs on inside of it claims that from now on. */
  release(holder: Holder): void {
    this.#size -= 1;
    if (this.#related.size === 0) return;
    this.#related.delete(holder);
    this.#waiting.delete(holder);
    if (this.#hosts.size === 0) return;
    const host = this.#hosts.get(holder);
    const guest = this.#guests.get(holder);
    if (host !== undefined) this.#guests.delete(host);
    if (guest !== undefined) this.#hosts.delete(guest);
    this.#hosts.delete(holder);
    this.#guests.delete(holder);
    const next = host && (guest ?? this.#guestFor(host));
    if (host !== undefined && next !== undefined) this.#pair(host, next);
  }

  /** A call that has a slot waits for what is inside of it. */
  suspend(holder: Holder): void {
    this.#related.add(holder);
    this.#waiting.add(holder);
  }

  /** It goes on. */
  resume(holder: Holder): void {
    this.#waiting.delete(holder);
  }

  #pair(host: Holder, guest: Holder): void {
    this.#guests.set(host, guest);
    this.#hosts.set(guest, host);
  }

  /** A call inside of a host that has a slot of its own. */
  #guestFor(host: Holder): Holder | undefined {
    for (const holder of this.#related) {
      if (this.#hosts.has(holder)) continue;
      if (isAround(host, holder)) return holder;
    }
    return undefined;
  }

  /** The nearest call around that waits, and whose slot no other one uses. */
  #hostOf(inside: Holder | undefined): Holder | undefined {
    if (this.#waiting.size === 0) return undefined;
    for (let one = inside; one; one = one.inside) {
      if (this.#waiting.has(one) && !this.#guests.has(one)) return one;
    }
    return undefined;
  }
}
