import type { LimitFunction } from "../policy/limit-function.js";
import type { Clock } from "./clock.js";
import { Limit } from "./limit.js";

/**
 * A cap on p-limit. p-limit can't take a queued job back, so calls wait here
 * and enter only when there is room; each call in progress is a job that ends
 * when the call gives its slot back.
 *
 * A slot goes: free in p-limit -> taken (a call runs) -> spare (the call has
 * ended, waiters are offered it) -> taken again, or given back to p-limit.
 */
export class ConcurrencyCap extends Limit {
  readonly kind = "concurrency";
  protected readonly limiter: LimitFunction;
  /** Slots that a call of ours has left and nobody has taken yet. */
  protected spare = 0;
  /** Ends the job that holds a slot; one per slot that is taken or spare. */
  readonly #slots: (() => void)[] = [];

  constructor(name: string, clock: Clock, limiter: LimitFunction) {
    super(name, clock);
    this.limiter = limiter;
  }

  /** p-limit is ours alone, so a slot on its way back to it is free. */
  hasRoom(): boolean {
    return this.#slots.length - this.spare < this.limiter.concurrency;
  }

  take(): void {
    if (this.spare > 0) {
      this.spare -= 1;
      return;
    }
    const held = this.hold();
    void this.limiter(() => held);
  }

  release(): void {
    this.spare += 1;
  }

  protected override afterOffer(_now: number): void {
    for (; this.spare > 0; this.spare -= 1) this.giveBack();
  }

  /** Room comes from calls of ours that end, and they offer it. */
  protected watch(): void {}

  protected unwatch(): void {}

  /** What a job of ours waits for: its slot is given back. */
  protected hold(): Promise<void> {
    return new Promise((resolve) => this.#slots.push(resolve));
  }

  protected giveBack(): void {
    this.#slots.pop()?.();
  }
}
