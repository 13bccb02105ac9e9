import type { Asker } from "./slots.js";
import { Limit } from "./limit.js";

/** A limit that opens by itself as time goes by. */
export abstract class TimedLimit extends Limit {
  override readonly foreseesTime = true;
  #wakeAt = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | undefined;

  /**
   * The earliest time, not before `now`, at which so many tokens can be taken.
   * Infinity while something other than time has to pass first.
   */
  protected abstract opensAt(tokens: number, now: number): number;

  hasRoom(cost: number, now: number, _asker?: Asker): boolean {
    return this.opensAt(this.tokensOf(cost), now) <= now;
  }

  /** The same for what may be more tokens than there can ever be. */
  #opensFor(need: number, now: number): number {
    if (need > this.capacity) return Number.POSITIVE_INFINITY;
    return this.opensAt(need, now);
  }

  override mayAdmit(now: number): boolean {
    return this.#opensFor(this.leastNeed(now), now) <= now;
  }

  protected watch(now: number): void {
    const opensAt = this.#opensFor(this.leastNeed(now), now);
    // Infinity: they are offered what is kept for others when those are gone.
    if (opensAt === Number.POSITIVE_INFINITY) this.keepsRoom = true;
    const at = Math.min(opensAt, this.#opensForOneInside(now));
    if (at >= this.#wakeAt) return;
    this.unwatch();
    this.#wakeAt = at;
    this.#cancelWake = this.clock.schedule(
      () => {
        this.unwatch();
        this.offer(this.clock.now());
      },
      // Not `now`: this turn of the event loop may have been long. Rounded up: a
      // timer may be early by a fraction of a millisecond.
      Math.max(0, Math.ceil(at - this.clock.now())),
    );
  }

  /**
   * When there is room for one inside of a call, were it not kept for others. From
   * then on that one may be held up for ever. Infinity: never, or before now.
   */
  #opensForOneInside(now: number): number {
    let first = Number.POSITIVE_INFINITY;
    if (!this.claims.hasOneInside) return first;
    for (const { inside, cost } of this.line) {
      if (inside === undefined) continue;
      const at = this.opensAt(this.tokensOf(cost), now);
      if (at > now) first = Math.min(first, at);
    }
    return first;
  }

  protected unwatch(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }
}
