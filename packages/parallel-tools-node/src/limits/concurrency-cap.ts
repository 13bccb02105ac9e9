import type { Clock } from "./clock.js";
import { SlotLimit } from "./limit.js";
import type { SharedLimit } from "./shared-limits.js";
import type { Asker, Holder } from "./slots.js";

/** A cap that is a number: counts the calls that run. */
export class ConcurrencyCap extends SlotLimit {
  readonly #concurrency: number;

  constructor(name: string, clock: Clock, concurrency: number) {
    super(name, clock);
    this.#concurrency = concurrency;
  }

  override get declared(): readonly SharedLimit[] {
    return [{ name: this.name, concurrency: this.#concurrency }];
  }

  override room(_cost: number, _now: number, asker?: Asker): number {
    return this.slots.roomOf(this.#concurrency, asker);
  }

  take(_cost: number, _now: number, holder: Holder): void {
    this.slots.take(holder);
  }

  release(_cost: number, holder: Holder): void {
    this.slots.release(holder);
  }

  /** Room comes from calls that end or wait, and whoever ends one offers it. */
  protected watch(): void {}

  protected unwatch(): void {}
}
