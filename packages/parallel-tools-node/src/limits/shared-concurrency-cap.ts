import { ConcurrencyCap } from "./concurrency-cap.js";

/**
 * A cap on a p-limit in which the application runs jobs of its own. A slot that
 * no waiter takes goes back to p-limit, and so does every slot for which the
 * application's jobs stand in line. While calls wait, one scout per call stands
 * in p-limit's queue, so that neither side overtakes the other; a scout that
 * gets a slot makes it spare.
 */
export class SharedConcurrencyCap extends ConcurrencyCap {
  /** Scouts that have not come back. */
  #scouts = 0;
  /** No call has taken a slot since the last scout brought one. */
  #cameInVain = false;
  #cancelRest: (() => void) | undefined;

  override hasRoom(): boolean {
    const { activeCount, pendingCount, concurrency } = this.limiter;
    return this.spare > 0 || activeCount + pendingCount < concurrency;
  }

  override room(): number {
    const { activeCount, pendingCount, concurrency } = this.limiter;
    return this.spare + Math.max(0, concurrency - activeCount - pendingCount);
  }

  override take(): void {
    this.#cameInVain = false;
    super.take();
  }

  override release(): void {
    const { activeCount, pendingCount, concurrency } = this.limiter;
    // Else the application's own jobs are next, or it has lowered the cap.
    if (pendingCount <= this.#scouts && activeCount <= concurrency) {
      super.release();
    } else {
      this.giveBack();
    }
  }

  protected override afterOffer(): void {
    for (; this.spare > 0; this.spare -= 1) this.giveBack();
    if (this.hasWaiters) this.watch();
  }

  protected override watch(): void {
    if (this.#cancelRest !== undefined) return;
    if (this.#cameInVain) {
      this.#rest();
      return;
    }
    // The application may have cleared the queue, scouts and all.
    this.#scouts = Math.min(this.#scouts, this.limiter.pendingCount);
    const wanted = this.waitingCalls();
    while (this.#scouts < wanted) {
      this.#scouts += 1;
      this.limiter(() => this.#arrive()).catch(() => {
        // `clearQueue` with `rejectOnClear`: stand in line again.
        if (this.hasWaiters) this.watch();
      });
    }
  }

  protected override unwatch(): void {
    this.#cancelRest?.();
    this.#cancelRest = undefined;
  }

  #arrive(): Promise<void> {
    this.#scouts = Math.max(0, this.#scouts - 1);
    const held = this.hold();
    if (this.hasWaiters) {
      this.spare += 1;
      this.#cameInVain = true;
      this.offer(this.clock.now());
    } else {
      this.giveBack();
    }
    return held;
  }

  /**
   * A scout's slot was of no use: its call then waits at another cap, and may
   * be back at once if that one's slots, too, were only on their way. The next
   * scouts go when all that is on its way has arrived, or the two caps could
   * send a call to and fro for ever.
   */
  #rest(): void {
    this.#cameInVain = false;
    this.#cancelRest = this.clock.schedule(() => {
      this.#cancelRest = undefined;
      this.offer(this.clock.now());
    }, 0);
  }
}
