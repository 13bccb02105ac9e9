import type { Dependency, PlanShape } from "../plan/batch-plan.js";
import type { OutcomeStatus } from "../schedule/outcome.js";

/**
 * What a call may wait for: another call, a concurrency cap, a rate limit, a
 * server that had refused calls (`"feedback"`), a resource that had failed and
 * was being tried (`"circuit"`), or the interval of a `retry` policy.
 */
export type WaitReason =
  | "dependency"
  | "concurrency"
  | "rate"
  | "feedback"
  | "circuit"
  | "retry";

/**
 * A span of time that a call spent waiting, and for what. Times are
 * milliseconds; `startMs` counts from when the batch began.
 */
export type Wait =
  | {
      /** The call that was waited for last. */
      readonly for: "dependency";
      /** Its index in the message. */
      readonly index: number;
      readonly startMs: number;
      readonly ms: number;
    }
  | {
      readonly for: Exclude<WaitReason, "dependency">;
      /** `tool search`, `resource serp`, `node` or `batch`. */
      readonly limit: string;
      /**
       * Where a call waited at one limit again and again on its way to a start,
       * that is one wait: the sum is exact, the order among limits is not.
       */
      readonly startMs: number;
      readonly ms: number;
    };

/** When one attempt of a call ran, in milliseconds since the batch began. */
export interface CallRun {
  readonly startMs: number;
  readonly endMs: number;
}

/** What became of one call. Times are milliseconds since the batch began. */
export interface CallReport {
  /** 0-based place in the message's `tool_calls`. */
  readonly index: number;
  /** `index` + 1. */
  readonly ordinal: number;
  readonly id: string | undefined;
  readonly name: string;
  readonly outcome: OutcomeStatus;
  readonly dependsOn: readonly Dependency[];
  /** The index of the identical call whose answer this one shares. */
  readonly sameAs?: number;
  /** What it waited for, in that order. With `runs` they fill 0 to `endMs`. */
  readonly waits: readonly Wait[];
  /** How often it was started: 0 when it was not run. */
  readonly attempts: number;
  /** When each attempt ran, in that order. */
  readonly runs: readonly CallRun[];
  /** When it was first started; missing when it was not run. */
  readonly startMs?: number;
  readonly endMs: number;
  /**
   * The arguments that the tool saw, its references resolved; of a call that
   * was not run, what the model wrote. A copy. Only with the node's
   * `reportArguments`.
   */
  readonly args?: unknown;
}

/**
 * The least time in which any schedule could have run what was run: the same
 * attempts with the same running times, under the dependencies, caps and rates
 * that were declared, all of them free at the start. Server feedback and the
 * intervals of `retry` policies are not part of it.
 */
export interface LowerBound {
  readonly ms: number;
  /** The batch's `durationMs` over `ms`; missing when `ms` is 0. */
  readonly ratio?: number;
  /** `"path"`: the longest path sets it; else a cap or a rate limit does. */
  readonly by: "path" | "concurrency" | "rate";
  /** Which one: `tool search`, `resource serp`, `node` or `batch`. */
  readonly limit?: string;
}

/** The record of a batch. Holds no results, and arguments only if asked to. */
export interface BatchReport {
  /** When it began: milliseconds since 1970. */
  readonly beganAt: number;
  readonly shape: PlanShape;
  /** Calls on the longest path of the plan. */
  readonly depth: number;
  /** From the start of the batch to the end of its last call. */
  readonly durationMs: number;
  /** The running times of all attempts together: what one at a time would take. */
  readonly sumMs: number;
  /** The longest path by running time: no schedule could be faster. */
  readonly longestPathMs: number;
  /** As `longestPathMs`, with caps and rates taken into account. */
  readonly lowerBound: LowerBound;
  /** The waits of all calls together, in milliseconds. */
  readonly waitedMs: Readonly<Record<WaitReason, number>>;
  /**
   * What decided when the batch ended, as indexes: the call that ended last,
   * before it the call that it had waited for last, and so on, in the order of
   * time. What these calls waited for and ran fills all of `durationMs`.
   */
  readonly criticalPath: readonly number[];
  /** In the order in which the model asked. */
  readonly calls: readonly CallReport[];
}
