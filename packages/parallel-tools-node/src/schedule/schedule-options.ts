import type { Clock } from "../limits/clock.js";
import type { Outcome, RunAgain, RunOutcome } from "./outcome.js";
import type { ScheduleObserver } from "./schedule-observer.js";
import type { ScheduledCall } from "./scheduled-call.js";

export interface ScheduleOptions<Value> {
  readonly calls: readonly ScheduledCall<Value>[];
  /**
   * The calls come one by one: none starts before `arrive` was called for it.
   *
   * @default false: all are there from the beginning
   */
  readonly comeOneByOne?: boolean | undefined;
  /** Runs one call. Must not throw; may reject. */
  readonly execute: (
    position: number,
    signal: AbortSignal | undefined,
  ) => Promise<Value>;
  /** How a call ended that gave this value, if that was the end. */
  readonly judgeValue: (
    position: number,
    value: Value,
  ) => RunOutcome<Value> | RunAgain;
  /** How a call ended that rejected with this error, if that was the end. */
  readonly judgeError: (
    position: number,
    error: unknown,
  ) => RunOutcome<Value> | RunAgain;
  /** How a call ends whose limits can't be had; by default as an `error`. */
  readonly judgeUnstarted?: (
    position: number,
    error: unknown,
  ) => RunOutcome<Value>;
  /** The end of a call as one that shares it; `undefined`: run that one too. */
  readonly share?: (
    position: number,
    outcome: Outcome<Value>,
  ) => Outcome<Value> | undefined;
  readonly clock: Clock;
  /** Once aborted, nothing starts any more; what runs is waited for. */
  readonly signal?: AbortSignal | undefined;
  /**
   * For how long what runs is waited for then, in milliseconds; after that it
   * ends as `aborted`.
   *
   * @default without limit
   */
  readonly drainMs?: number | undefined;
  /**
   * How a call ends, or not yet, whose attempt took its `timeoutMs`; by default
   * as an `error`. Asked again, with `mayRunAgain` false, when the attempt still
   * runs at the time when the next one is due.
   */
  readonly judgeTimeout?: (
    position: number,
    mayRunAgain: boolean,
  ) => RunOutcome<Value> | RunAgain;
  /** Milliseconds from `run` until all that has not ended ends. */
  readonly batchTimeoutMs?: number | undefined;
  /** How a call ends that has not ended by then; by default as `aborted`. */
  readonly judgeCutOff?: (
    position: number,
    hasStarted: boolean,
  ) => Outcome<Value>;
  /** That has happened. Time to tell those that still run. */
  readonly onBatchTimeout?: () => void;
  readonly observer?: ScheduleObserver | undefined;
}
