import type { LimitFunction } from "../policy/limit-function.js";
import type { Clock } from "./clock.js";
import { Limit } from "./limit.js";
import type { SharedLimit } from "./shared-limits.js";

/**
 * A cap on p-limit. p-limit can't take a queued job back, so calls wait here
 * and enter only when there is room.
 *
 * A slot is a job in p-limit that lasts: it is handed from call to call, since
 * entering p-limit for every call would cost more than the call does. A slot
 * goes: free in p-limit -> taken (a call runs) -> spare (the call has ended,
 * waiters are offered it) -> taken again.
 */
export class ConcurrencyCap extends Limit {
  readonly kind = "concurrency";
  protected readonly limiter: LimitFunction;
  /** Slots that a call of ours has left and nobody has taken yet. */
  protected spare = 0;
  /** Ends the job that is a slot; one per slot that is taken or spare. */
  readonly #slots: (() => void)[] = [];

  constructor(name: string, clock: Clock, limiter: LimitFunction) {
    super(name, clock);
    this.limiter = limiter;
  }

  override get declared(): readonly SharedLimit[] {
    return [{ name: this.name, concurrency: this.limiter.concurrency }];
  }

  hasRoom(): boolean {
    return this.spare > 0 || this.#slots.length < this.limiter.concurrency;
  }

  override room(): number {
    return (
      this.spare + Math.max(0, this.limiter.concurrency - this.#slots.length)
    );
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

  /** Room comes from calls of ours that end, and they offer it. */
  protected watch(): void {}

  protected unwatch(): void {}

  /** What a job of ours waits for: its slot is given back. */
  protected hold(): Promise<void> {
    return new Promise((resolve) => this.#slots.push(resolve));
  }

  /** Ends one of our jobs; its slot is p-limit's again a few microtasks later. */
  protected giveBack(): void {
    this.#slots.pop()?.();
  }
}
