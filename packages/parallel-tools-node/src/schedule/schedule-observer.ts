import type { Limit } from "../limits/limit.js";
import type { LimitWait } from "./lane.js";
import type { Outcome } from "./outcome.js";
import type { BoundCall } from "./scheduled-call.js";

/** Is called when something happens to a call. Must not throw. */
export interface ScheduleObserver {
  onReady(position: number, now: number): void;
  /** A ready call has to wait, first at this limit. */
  onBlocked?(position: number, now: number, limit: Limit): void;
  /**
   * An attempt begins.
   *
   * @param waits the waits since the call became ready
   * @param bound what the call takes of its limits
   */
  onStart(
    position: number,
    now: number,
    waits: readonly LimitWait[],
    bound: BoundCall,
  ): void;
  /** An attempt has ended. The next one is due in `delayMs` milliseconds. */
  onAgain(position: number, now: number, delayMs: number): void;
  /** A ready call has stopped waiting and will not start. `onEnd` follows. */
  onLeave?(position: number, now: number, waits: readonly LimitWait[]): void;
  onEnd(position: number, now: number, outcome: Outcome<unknown>): void;
}
