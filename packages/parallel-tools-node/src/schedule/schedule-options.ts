import type { Clock } from "../limits/clock.js";
import type { Executor } from "./executor.js";
import type { ScheduleObserver } from "./schedule-observer.js";
import type { ScheduledCall } from "./scheduled-call.js";
import type { Surroundings } from "./surroundings.js";

export interface ScheduleOptions<Value> {
  readonly calls: readonly ScheduledCall<Value>[];
  /**
   * Positions of calls that many others wait for together: `calls.length + i` in
   * their `dependsOn` stands for all of `groups[i]`. None is empty.
   */
  readonly groups?: readonly (readonly number[])[] | undefined;
  readonly executor: Executor<Value>;
  readonly clock: Clock;
  /**
   * Whether the calls arrive one by one. Then no call starts before `arrive` was
   * called for it.
   *
   * @default false: all calls are there from the beginning
   */
  readonly comeOneByOne?: boolean | undefined;
  /** When it is aborted, no call starts any more. Running calls may still end. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long an aborted batch waits for its running calls, in milliseconds. Then
   * they end as `aborted`.
   *
   * @default without limit
   */
  readonly drainMs?: number | undefined;
  /**
   * The longest that a server may hold a call up, in milliseconds.
   *
   * @default without limit
   */
  readonly maxPauseMs?: number | undefined;
  /** How long the batch may take, in milliseconds from `run`. */
  readonly batchTimeoutMs?: number | undefined;
  readonly observer?: ScheduleObserver | undefined;
  /** @default the batch runs inside of no call, and no call around is opened */
  readonly surroundings?: Surroundings | undefined;
}
