import type { BoundCall } from "../schedule/scheduled-call.js";
import type { LimitWait } from "../schedule/lane.js";

/** How a call came to start before its message was there. Times are the clock's. */
export interface EarlyStart {
  /** When it was complete in the message. */
  readonly sealedAt: number;
  /** When all that it depended on had ended. */
  readonly readyAt: number;
  /** The index of the call that it waited for last, if it waited for one. */
  readonly after: number | undefined;
  readonly startedAt: number;
  readonly waits: readonly LimitWait[];
  /** What it took of its limits. */
  readonly bound: BoundCall;
  /** When its early run ended. `undefined`: it has not, yet. */
  readonly endedAt: number | undefined;
}

/** When a message was written. Times are the clock's. */
export interface WrittenMessage {
  /** When its first call was complete. */
  readonly beganAt: number;
  /** When all of it was there. */
  readonly writtenAt: number;
}

/** A run of a call that was of no use. Times are the clock's. */
export interface DiscardedRun {
  readonly index: number;
  readonly name: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** In words, for people. */
  readonly why: string;
}
