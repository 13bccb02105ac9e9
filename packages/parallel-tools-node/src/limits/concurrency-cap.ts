import type { Clock } from "./clock.js";
import { Limit } from "./limit.js";
import type { SharedLimit } from "./shared-limits.js";

/** A cap that is a number: counts the calls that run. */
export class ConcurrencyCap extends Limit {
  readonly kind = "concurrency";
  readonly #concurrency: number;
  #running = 0;

  constructor(name: string, clock: Clock, concurrency: number) {
    super(name, clock);
    this.#concurrency = concurrency;
  }

  override get declared(): readonly SharedLimit[] {
    return [{ name: this.name, concurrency: this.#concurrency }];
  }

  hasRoom(): boolean {
    return this.#running < this.#concurrency;
  }

  override room(): number {
    return this.#concurrency - this.#running;
  }

  take(): void {
    this.#running += 1;
  }

  release(): void {
    this.#running -= 1;
  }

  /** Room comes from calls that end, and whoever ends one offers it. */
  protected watch(): void {}

  protected unwatch(): void {}
}
