import type { Limit } from "./limit.js";
import { PriorityQueue } from "./priority-queue.js";
import type { Waiter } from "./waiter.js";

const NOBODY: readonly Waiter[] = [];

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
  readonly #limit: Limit;
  readonly #waiters = new PriorityQueue<Waiter>((a, b) => a.compareTo(b));

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#waiters.size;
  }

  [Symbol.iterator](): Iterator<Waiter> {
    return this.#waiters[Symbol.iterator]();
  }

  /** A call of `waiter` begins to wait. */
  static begin(waiter: Waiter, now: number): void {
    waiter.patience.begin(waiter.cost, now);
    for (const { claims } of waiter.limits) claims.#waiters.push(waiter);
  }

  /** `waiter` has another first call, which has waited as long. */
  static reorder(waiter: Waiter): void {
    Claims.end(waiter);
    for (const { claims } of waiter.limits) claims.#waiters.push(waiter);
  }

  static end(waiter: Waiter): void {
    for (const { claims } of waiter.limits) claims.#waiters.remove(waiter);
  }

  /** Those that are due. */
  due(now: number): readonly Waiter[] {
    let due: Waiter[] | undefined;
    for (const waiter of this.#waiters) {
      if (isDue(waiter, now)) (due ??= []).push(waiter);
    }
    return due ?? NOBODY;
  }

  /**
   * Those that come before `waiter` and are due. `waiter` is about to take room,
   * and they see that there is some.
   */
  dueBefore(waiter: Waiter, now: number): readonly Waiter[] {
    const limit = this.#limit;
    const first = this.#waiters.peek();
    if (first === undefined || first.compareTo(waiter) >= 0) return NOBODY;
    let due: Waiter[] | undefined;
    for (const other of this.#waiters) {
      if (other.compareTo(waiter) >= 0) continue;
      if (limit.hasRoom(other.cost, now)) other.patience.seesRoom(limit, now);
      if (isDue(other, now)) (due ??= []).push(other);
    }
    return due ?? NOBODY;
  }

  /** Whether `waiter` comes before all others. */
  isFirst(waiter: Waiter): boolean {
    return this.#waiters.peek() === waiter;
  }
}

function isDue(waiter: Waiter, now: number): boolean {
  const { limits, cost, patience } = waiter;
  return limits.every(
    (limit) =>
      limit.hasRoom(cost, now) ||
      (!limit.closesByItself &&
        limit.claims.isFirst(waiter) &&
        patience.isOver(limit, cost, now)),
  );
}
