import { Limit } from "./limit.js";

/** A limit that opens by itself as time goes by. */
export abstract class TimedLimit extends Limit {
  #wakeAt = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | undefined;

  /**
   * The earliest time, not before `now`, at which so many tokens can be taken.
   * Infinity while something other than time has to pass first.
   */
  protected abstract opensAt(tokens: number, now: number): number;

  hasRoom(cost: number, now: number): boolean {
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
    const at = this.#opensFor(this.leastNeed(now), now);
    // Infinity: those who stand here are offered what is kept for others by then.
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

  protected unwatch(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }
}
