import type { Clock } from "../limits/clock.js";
import type { Executor } from "./executor.js";
import type { ScheduleObserver } from "./schedule-observer.js";
import type { ScheduledCall } from "./scheduled-call.js";

export interface ScheduleOptions<Value> {
  readonly calls: readonly ScheduledCall<Value>[];
  readonly executor: Executor<Value>;
  readonly clock: Clock;
  /**
   * The calls come one by one: none starts before `arrive` was called for it.
   *
   * @default false: all are there from the beginning
   */
  readonly comeOneByOne?: boolean | undefined;
  /** Once aborted, nothing starts any more; what runs is waited for. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long an aborted batch waits for what runs, in milliseconds. After that
   * it ends as `aborted`.
   *
   * @default without limit
   */
  readonly drainMs?: number | undefined;
  /** Milliseconds from `run` until all that has not ended ends. */
  readonly batchTimeoutMs?: number | undefined;
  readonly observer?: ScheduleObserver | undefined;
}
