import type { LimitFunction } from "../policy/limit-function.js";
import type { Clock } from "./clock.js";
import { Limit } from "./limit.js";

/**
 * A cap on p-limit. p-limit can't abort a queued job, so calls wait here and
 * enter only when there is room; each call in progress is a job that ends when
 * the call gives its slot back.
 *
 * A slot goes: free in p-limit -> taken (a call runs) -> spare (the call has
 * ended, waiters are offered it) -> taken again, or given back to p-limit.
 * While calls wait and others hold the slots, scouts stand in p-limit's own
 * queue, so that neither the application's jobs nor ours overtake the other;
 * a scout that gets a slot makes it spare.
 */
export class ConcurrencyCap extends Limit {
  readonly kind = "concurrency";
  readonly #limiter: LimitFunction;
  /** The application has this limiter too. */
  readonly #isShared: boolean;
  /** Ends the job that holds a slot; one per slot that is ours. */
  readonly #slots: (() => void)[] = [];
  #spare = 0;
  #scouts = 0;

  constructor(
    name: string,
    clock: Clock,
    limiter: LimitFunction,
    isShared: boolean,
  ) {
    super(name, clock);
    this.#limiter = limiter;
    this.#isShared = isShared;
  }

  hasRoom(): boolean {
    const { activeCount, pendingCount, concurrency } = this.#limiter;
    return this.#spare > 0 || activeCount + pendingCount < concurrency;
  }

  take(): void {
    if (this.#spare > 0) {
      this.#spare -= 1;
      return;
    }
    const held = new Promise<void>((resolve) => this.#slots.push(resolve));
    void this.#limiter(() => held);
  }

  release(): void {
    const { activeCount, pendingCount, concurrency } = this.#limiter;
    // Else the application's own jobs are next, or it has lowered the cap.
    if (pendingCount <= this.#scouts && activeCount <= concurrency) {
      this.#spare += 1;
    } else {
      this.#slots.pop()?.();
    }
  }

  override offer(now: number): void {
    super.offer(now);
    for (; this.#spare > 0; this.#spare -= 1) this.#slots.pop()?.();
    if (this.hasWaiters) this.#sendScouts(1);
  }

  protected watch(): void {
    this.#sendScouts(this.#isShared ? this.waitingCalls() : 1);
  }

  protected unwatch(): void {}

  #sendScouts(wanted: number): void {
    // The application may have cleared the queue, scouts and all.
    this.#scouts = Math.min(this.#scouts, this.#limiter.pendingCount);
    while (this.#scouts < wanted) {
      this.#scouts += 1;
      this.#limiter(() => this.#arrive()).catch(() => {
        // `clearQueue` with `rejectOnClear`: stand in line again.
        if (this.hasWaiters) this.#sendScouts(1);
      });
    }
  }

  /** A scout has a slot, in its turn, so waiters get it whoever else waits. */
  #arrive(): Promise<void> {
    this.#scouts = Math.max(0, this.#scouts - 1);
    const held = new Promise<void>((resolve) => this.#slots.push(resolve));
    this.#spare += 1;
    this.offer(this.clock.now());
    return held;
  }
}
