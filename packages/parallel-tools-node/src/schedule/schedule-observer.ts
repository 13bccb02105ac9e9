import type { Limit } from "../limits/limit.js";
import type { LimitWait } from "./lanes.js";
import type { Outcome } from "./outcome.js";
import type { BoundCall } from "./scheduled-call.js";

/** Is told what happens, as it happens. Must not throw. */
export interface ScheduleObserver {
  onReady(position: number, now: number): void;
  /** A ready call waits, at this limit first. */
  onBlocked?(position: number, now: number, limit: Limit): void;
  /** An attempt begins: what it waited for since it was ready, what it takes. */
  onStart(
    position: number,
    now: number,
    waits: readonly LimitWait[],
    bound: BoundCall,
  ): void;
  /** An attempt has ended; the next is due in `delayMs`. */
  onAgain(position: number, now: number, delayMs: number): void;
  /** A ready call has waited in vain; its end follows. */
  onLeave?(position: number, now: number, waits: readonly LimitWait[]): void;
  onEnd(position: number, now: number, outcome: Outcome<unknown>): void;
}
