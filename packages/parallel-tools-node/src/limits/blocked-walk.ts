/** Who may have to be told that nothing will let it start. */
interface Stopped {
  fail(error: unknown, now: number): void;
}

/**
 * Finds out who is blocked: whoever waits for calls alone that are blocked, too. Who has
 * been asked counts as blocked until the answer is no, so that a circle of calls that
 * wait for each other is blocked.
 *
 * A no is for good, since it was found though all others counted as blocked. What
 * was found on the way to it is not: it may have relied on the one who isn't blocked.
 */
export class BlockedWalk {
  /** Those that count as blocked, in the order in which they were asked. */
  readonly #assumed = new Set<object>();
  /** Those that are not. */
  readonly #free = new Set<object>();
  /**
   * Whoever has slots in other processes counts as blocked: they can't be asked, and may
   * wait for this process.
   */
  readonly countsElsewhere: boolean;
  /** Locks alone are asked for: who waits for a slot can be lent one, not so a lock. */
  readonly asksLocks: boolean;
  /** Those who wait for locks, as they were found. */
  readonly waiting: Stopped[] = [];

  /**
   * @param asks who wants to know, and counts as blocked
   */
  constructor(
    asks?: object,
    {
      countsElsewhere = false,
      asksLocks = false,
    }: { countsElsewhere?: boolean; asksLocks?: boolean } = {},
  ) {
    if (asks !== undefined) this.#assumed.add(asks);
    this.countsElsewhere = countsElsewhere;
    this.asksLocks = asksLocks;
  }

  /** Those that count as blocked. */
  get found(): Iterable<object> {
    return this.#assumed;
  }

  /** Whether `thing` is blocked. `ask` finds it out where it isn't known. */
  isBlocked(thing: object, ask: () => boolean): boolean {
    if (this.#assumed.has(thing)) return true;
    if (this.#free.has(thing)) return false;
    const isBlocked = this.supposes(() => {
      this.#assumed.add(thing);
      return ask();
    });
    if (!isBlocked) this.#free.add(thing);
    return isBlocked;
  }

  /** What `ask` says. If that is no, nothing that it found is kept. */
  supposes(ask: () => boolean): boolean {
    const { size } = this.#assumed;
    const waiting = this.waiting.length;
    if (ask()) return true;
    this.waiting.length = waiting;
    if (this.#assumed.size > size) {
      for (const thing of [...this.#assumed].slice(size)) {
        this.#assumed.delete(thing);
      }
    }
    return false;
  }

  /** `thing` was asked, and counts as blocked for what it is asked next. */
  note(thing: object): void {
    this.#assumed.add(thing);
  }
}
