import { BlockedWalk } from "./blocked-walk.js";
import type { Clock } from "./clock.js";
import type { Limit } from "./limit.js";
import type { Permit, SharedLimit, SharedLimits } from "./shared-limits.js";
import type { Asker, Holder } from "./slots.js";

/** How long calls are blocked before they give their slots back. */
const MOMENT_MS = 100;

/** A slot of one limit, and the calls that share it. */
export interface SharedSlot {
  readonly lease: SharedLease;
  /**
   * The one who got it first, then its guests: each is inside of the one before, or
   * has borrowed it.
   */
  readonly chain: Holder[];
}

/** The slots that came with one permit. They come and go together. */
export interface SharedLease {
  /** Those limits that have a cap. */
  readonly limits: readonly SharedLimit[];
  readonly slots: SharedSlot[];
  /** `undefined`: given back. Other leases may be part of it. */
  permit: LeasedPermit | undefined;
  /** While all who share a slot of it are blocked. */
  cancelReturn: (() => void) | undefined;
}

/** A permit, and how many leases are part of it. */
interface LeasedPermit {
  readonly permit: Permit;
  leases: number;
}

const byStore = new WeakMap<SharedLimits, SharedSlots>();
/** Those in which calls wait for what is inside of them. */
const withWaiting = new Set<SharedSlots>();

/** The slots that this process has in a store. */
export function sharedSlotsOf(store: SharedLimits, clock: Clock): SharedSlots {
  let slots = byStore.get(store);
  if (slots === undefined) {
    slots = new SharedSlots(clock);
    byStore.set(store, slots);
  }
  return slots;
}

/** Whether some call that waits may have to give slots back. */
export function mayGiveSlotsBack(): boolean {
  return withWaiting.size > 0;
}

/** Something inside of a call waits for something else than before. */
export function lookAtSharedSlots(): void {
  for (const slots of withWaiting) slots.look();
}

/**
 * The slots that this process has in a store, by the names of the limits. Whatever
 * tool a call is of, the same name in the same store is the same limit.
 *
 * A slot is used by one call at a time. Calls share it as rule R12 says:
 *
 *     held, one call runs -- it waits for what is inside of it --> held, unused
 *     held, unused -- a call inside of the last one starts, or that one goes on,
 *       or all who have slots of the limit are blocked and anyone starts --> held
 *     held, unused -- all who share it are blocked for a moment --> given back
 *     given back -- one of them wants to go on, and there is a slot --> held, unused
 *     any -- the last of them has ended --> gone
 *
 * This process doesn't see who has the other slots of a limit. Where it has all of
 * them itself, it knows who is blocked, and lends at once. Otherwise whoever waits
 * for a slot may wait for ever, so that after a moment the calls around it give
 * theirs back. No other limit lends its slots for that: see record 0039.
 */
export class SharedSlots {
  readonly #clock: Clock;
  /** By the name of the limit. */
  readonly #slots = new Map<string, Set<SharedSlot>>();
  readonly #leases = new Map<Holder, readonly SharedLease[]>();
  readonly #waiting = new Set<Holder>();
  readonly #queues = new Set<Limit>();
  #willOffer = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls wait there; `leave` says that none does any more. */
  enter(queue: Limit): void {
    this.#queues.add(queue);
  }

  leave(queue: Limit): void {
    this.#queues.delete(queue);
  }

  /** Those where calls wait for a limit of the name. */
  queuesOf(name: string): readonly Limit[] {
    return [...this.#queues].filter(({ declared }) =>
      declared.some((limit) => limit.name === name),
    );
  }

  /** Some call waits for what is inside of it, so a slot may be shared. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** A slot of a call around the asking one that it may use. */
  hostSlot(name: string, { inside }: Asker): SharedSlot | undefined {
    if (this.#waiting.size === 0) return undefined;
    const slots = this.#slots.get(name);
    if (slots === undefined) return undefined;
    for (let one = inside; one; one = one.inside) {
      if (!this.#waiting.has(one)) continue;
      for (const slot of slots) {
        if (slot.chain.at(-1) === one && this.isUnused(slot)) return slot;
      }
    }
    return undefined;
  }

  /** A slot that is lent to the asking call, since all who have one are blocked. */
  borrowedSlot(limit: SharedLimit, asker: object): SharedSlot | undefined {
    if (this.#waiting.size === 0 || !this.hasAll(limit)) return undefined;
    if (!this.areAllBlocked(limit.name, new BlockedWalk(asker)))
      return undefined;
    for (const slot of this.#slots.get(limit.name)!) {
      if (this.isUnused(slot)) return slot;
    }
    return undefined;
  }

  /** Whether all who share a slot wait for what is inside of them. */
  isUnused({ lease, chain }: SharedSlot): boolean {
    if (lease.permit === undefined) return false;
    return chain.every((one) => this.#waiting.has(one));
  }

  /** Whether no other process can have a slot of the limit. */
  hasAll({ name, concurrency = Infinity }: SharedLimit): boolean {
    let held = 0;
    for (const { lease } of this.#slots.get(name) ?? []) {
      if (lease.permit !== undefined) held += 1;
    }
    return held >= concurrency;
  }

  /** Whether all calls of this process are blocked that have a slot of the limit. */
  areAllBlocked(name: string, walk: BlockedWalk): boolean {
    for (const slot of this.#slots.get(name) ?? []) {
      if (slot.lease.permit === undefined) continue;
      if (!this.isUnused(slot)) return false;
      for (const one of slot.chain) if (!one.isBlocked(walk)) return false;
    }
    return true;
  }

  /**
   * Whether `asker`, to whom the store has said no, waits for slots of blocked calls.
   * Whether it was for a slot or for a rate is not known, so whoever needs a slot counts
   * as one that waits for it.
   *
   * @param sharesSlots the store knows of calls inside of others. Else it may keep its
   *   rate for those who wait for slots
   */
  holdUp(
    limits: readonly SharedLimit[],
    asker: Asker,
    walk: BlockedWalk,
    sharesSlots: boolean,
  ): boolean {
    const isPossible = walk.countsElsewhere;
    if (asker.resumes === true) return isPossible && this.lacks(asker.holder);
    if (isPossible && !sharesSlots) return true;
    return limits.some((limit) => {
      if (this.hostSlot(limit.name, asker) !== undefined) return false;
      return this.hasAll(limit)
        ? walk.supposes(() => this.areAllBlocked(limit.name, walk))
        : isPossible;
    });
  }

  /** The same, where the store has not been asked yet: others may have slots left. */
  mayHoldUp(
    limits: readonly SharedLimit[],
    asker: Asker,
    walk: BlockedWalk,
  ): boolean {
    return limits.every(
      (limit) =>
        !this.hasAll(limit) ||
        this.hostSlot(limit.name, asker) !== undefined ||
        this.areAllBlocked(limit.name, walk),
    );
  }

  /** Whether a call around the asking one has a slot of one of the limits. */
  isHeldAround(limits: readonly SharedLimit[], { inside }: Asker): boolean {
    if (this.#waiting.size === 0) return false;
    for (let one = inside; one; one = one.inside) {
      for (const { limits: held, permit } of this.#leases.get(one) ?? []) {
        if (permit === undefined) continue;
        if (
          held.some(({ name }) => limits.some((limit) => limit.name === name))
        )
          return true;
      }
    }
    return false;
  }

  /**
   * A call starts.
   *
   * @param limits those of which it gets a slot of its own by the permit
   * @param shared slots of others that it uses
   */
  take(
    holder: Holder,
    permit: Permit,
    limits: readonly SharedLimit[],
    shared: readonly SharedSlot[],
  ): void {
    const slots: SharedSlot[] = [];
    const lease: SharedLease = {
      limits,
      slots,
      permit: { permit, leases: 1 },
      cancelReturn: undefined,
    };
    for (const { name } of limits) {
      const slot = { lease, chain: [holder] };
      slots.push(slot);
      const known = this.#slots.get(name);
      if (known === undefined) this.#slots.set(name, new Set([slot]));
      else known.add(slot);
    }
    for (const { chain } of shared) chain.push(holder);
    const others = new Set(shared.map((slot) => slot.lease));
    this.#leases.set(holder, [lease, ...others]);
  }

  /** The permit by which a call started, unless it has been given back. */
  permitOf(holder: Holder): Permit | undefined {
    return this.#leases.get(holder)?.[0]?.permit?.permit;
  }

  /** A call has ended. What runs on inside of it has its slots from now on. */
  release(holder: Holder): void {
    this.#setWaiting(holder, false);
    const leases = this.#leases.get(holder);
    if (leases === undefined) return;
    this.#leases.delete(holder);
    for (const lease of leases) {
      for (const { chain } of lease.slots) {
        const at = chain.indexOf(holder);
        if (at >= 0) chain.splice(at, 1);
      }
      if (lease.slots.every(({ chain }) => chain.length === 0)) {
        this.#end(lease);
      }
    }
    this.#offerSoon();
  }

  /** A call waits for what is inside of it. */
  suspend(holder: Holder): void {
    if (!this.#leases.has(holder)) return;
    this.#setWaiting(holder, true);
    this.#offerSoon();
  }

  /** It goes on. */
  resume(holder: Holder): void {
    this.#setWaiting(holder, false);
    for (const lease of this.#leases.get(holder) ?? []) keep(lease);
  }

  /** Whether a call that wants to go on has all of its slots, and alone. */
  mayResume(holder: Holder): boolean {
    for (const lease of this.#leases.get(holder) ?? []) {
      if (lease.slots.length > 0 && lease.permit === undefined) return false;
      for (const { chain } of lease.slots) {
        if (!chain.includes(holder)) continue;
        if (chain.some((one) => one !== holder && !this.#waiting.has(one)))
          return false;
      }
    }
    return true;
  }

  /** Those of a call that were given back, and that it needs to go on. */
  givenBack(holder: Holder): readonly SharedLease[] {
    return (this.#leases.get(holder) ?? []).filter(
      ({ permit, slots }) => permit === undefined && slots.length > 0,
    );
  }

  /** Whether a call has given slots back. */
  lacks(holder: Holder | undefined): boolean {
    return holder !== undefined && this.givenBack(holder).length > 0;
  }

  /** The slots of some leases have been taken again by one permit. */
  takeAgain(leases: readonly SharedLease[], permit: Permit): void {
    const missing = leases.filter(
      (lease) =>
        lease.permit === undefined &&
        lease.slots.some(({ chain }) => chain.length > 0),
    );
    if (missing.length === 0) {
      permit.cancel();
      return;
    }
    const leased = { permit, leases: missing.length };
    for (const lease of missing) lease.permit = leased;
    this.#offerSoon();
  }

  /** Those who are blocked by now will give their slots back. */
  look(): void {
    const seen = new Set<SharedLease>();
    for (const holder of this.#waiting) {
      for (const lease of this.#leases.get(holder) ?? []) {
        if (seen.has(lease) || lease.slots.length === 0) continue;
        seen.add(lease);
        if (lease.permit === undefined || !this.#isBlocked(lease)) keep(lease);
        else {
          lease.cancelReturn ??= this.#clock.schedule(() => {
            lease.cancelReturn = undefined;
            if (this.#isBlocked(lease)) this.#giveBack(lease);
          }, MOMENT_MS);
        }
      }
    }
  }

  /** Whether all who share its slots are blocked, as far as this process sees. */
  #isBlocked({ slots }: SharedLease): boolean {
    const walk = new BlockedWalk(undefined, { countsElsewhere: true });
    return slots.every(({ chain }) =>
      chain.every((one) => one.isBlocked(walk)),
    );
  }

  #giveBack(lease: SharedLease): void {
    const { permit } = lease;
    lease.permit = undefined;
    if (permit !== undefined) {
      permit.leases -= 1;
      if (permit.leases === 0) permit.permit.release();
    }
    this.#offerSoon();
  }

  /** Nobody shares it any more. */
  #end(lease: SharedLease): void {
    keep(lease);
    this.#giveBack(lease);
    lease.limits.forEach(({ name }, i) => {
      const slots = this.#slots.get(name);
      slots?.delete(lease.slots[i] as SharedSlot);
      if (slots?.size === 0) this.#slots.delete(name);
    });
  }

  #setWaiting(holder: Holder, waits: boolean): void {
    if (waits) this.#waiting.add(holder);
    else this.#waiting.delete(holder);
    if (this.#waiting.size > 0) withWaiting.add(this);
    else withWaiting.delete(this);
  }

  /** There may be another slot for those who wait, and others may be blocked. */
  #offerSoon(): void {
    if (this.#willOffer) return;
    if (this.#queues.size === 0 && !this.hasWaiting) return;
    this.#willOffer = true;
    queueMicrotask(() => {
      this.#willOffer = false;
      // A copy: queues come and go meanwhile.
      const queues = Array.from(this.#queues);
      for (const queue of queues) queue.offer(this.#clock.now());
      // Those who wait may stand at limits of this process.
      for (const holder of this.#waiting) holder.changed?.();
      lookAtSharedSlots();
    });
  }
}

function keep(lease: SharedLease): void {
  lease.cancelReturn?.();
  lease.cancelReturn = undefined;
}
