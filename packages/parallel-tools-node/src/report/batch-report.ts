import type { Dependency, PlanShape } from "../plan/batch-plan.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { BatchKind } from "./batch-identity.js";
import type { OutcomeStatus } from "../schedule/outcome.js";

/**
 * What a call may wait for: the model, which was still writing the `"message"` (only
 * with `eager`), another call, a concurrency cap, a rate limit, a server that had
 * refused calls (`"feedback"`), a resource that had failed and was being tried
 * (`"circuit"`), or the interval of a `retry` policy.
 */
export type WaitReason =
  | "message"
  | "dependency"
  | "concurrency"
  | "rate"
  | "feedback"
  | "circuit"
  | "retry";

/**
 * A span of time in which a call waited, and for what. Times are milliseconds;
 * `startMs` counts from the start of the batch.
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
      /** `tool search`, `resource serp`, `node` or `batch`; `model` for a message. */
      readonly limit: string;
      /**
       * If a call waited at one limit several times before an attempt, that is
       * one wait: `ms` is exact, but waits at other limits may have come between.
       */
      readonly startMs: number;
      readonly ms: number;
    };

/** When one attempt of a call ran, in milliseconds since the batch began. */
export interface CallRun {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * An early run of a call that was of no use, since the call didn't come, or came in
 * another form. Times as in its report.
 */
export interface DiscardedCall {
  /** 0-based place in the message that was being written. */
  readonly index: number;
  readonly name: string;
  readonly startMs: number;
  /** When its tool had ended: it was aborted, but may not have listened. */
  readonly endMs: number;
  readonly why: string;
}

/** The record of one call. Times are milliseconds since the batch began. */
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
  /** In the order of time. With `runs` they fill the time from 0 to `endMs`. */
  readonly waits: readonly Wait[];
  /** How often it was started: 0 when it was not run. */
  readonly attempts: number;
  /** When each attempt ran, in the order of time. */
  readonly runs: readonly CallRun[];
  /** When it was first started; missing when it was not run. */
  readonly startMs?: number;
  readonly endMs: number;
  /**
   * A copy of the arguments that the tool got, with references resolved. Of a
   * call that was not run, the arguments that the model wrote. Only with the
   * node's option `reportArguments`.
   */
  readonly args?: unknown;
}

/**
 * The least time in which any schedule could have run the batch: the same
 * attempts with the same running times, under the declared dependencies, caps and
 * rates, with every limit unused at the start. Server feedback and the intervals
 * of `retry` policies are not part of it.
 */
export interface LowerBound {
  readonly ms: number;
  /** The batch's `durationMs` over `ms`; missing when `ms` is 0. */
  readonly ratio?: number;
  /** What sets it: the longest path, a concurrency cap or a rate limit. */
  readonly by: "path" | "concurrency" | "rate";
  /** Which cap or rate: `tool search`, `resource serp`, `node` or `batch`. */
  readonly limit?: string;
}

/**
 * The record of a batch. Has no results, and arguments and access keys made of
 * arguments only with the node's option `reportArguments`.
 */
export interface BatchReport {
  /** Unique among the batches of all processes. */
  readonly batchId: string;
  /**
   * The call inside which the batch ran: a subagent's batch, for example, ran
   * inside of the call that started the subagent. Missing where there is none
   * whose batch has a report, a tracer or a progress stream.
   */
  readonly inside?: CallPlace;
  /**
   * `"model"`: one request to a model that is limited (`limitModel`, or `model` of the
   * middleware). Its one call has the name of the model, and no arguments. `"code"`: the
   * calls that code has made inside of a call (`callableTools`), in their order. Missing
   * for the calls of a message.
   */
  readonly kind?: BatchKind;
  /** When it began: milliseconds since 1970. */
  readonly beganAt: number;
  readonly shape: PlanShape;
  /** Calls on the longest path of the plan. */
  readonly depth: number;
  /** From the start of the batch to the end of its last call. */
  readonly durationMs: number;
  /**
   * The running times of all attempts together: the time of one at a time. That of a
   * call inside of which others ran includes what these waited for.
   */
  readonly sumMs: number;
  /**
   * The longest path by running time: no schedule of calls that run as long could be
   * faster.
   */
  readonly longestPathMs: number;
  /** Like `longestPathMs`, but takes caps and rates into account. */
  readonly lowerBound: LowerBound;
  /** The waits of all calls together, in milliseconds. */
  readonly waitedMs: Readonly<Record<WaitReason, number>>;
  /**
   * How long the call around the batch waited, after the batch had ended, for slots
   * that it had lent to others meanwhile. Missing where it didn't wait.
   */
  readonly resumeMs?: number;
  /**
   * How long the model was still writing its message after the first call of it was
   * complete. Missing where no call could start before the message was there: then the
   * batch begins with the message.
   */
  readonly writtenMs?: number;
  /** Early runs of no use, also for messages that the model didn't finish. */
  readonly discarded?: readonly DiscardedCall[];
  /**
   * The calls that decided when the batch ended, as indexes in the order of time:
   * the call that ended last, before it the call that it waited for last, and so
   * on. The waits and attempts of these calls fill all of `durationMs`.
   */
  readonly criticalPath: readonly number[];
  /** In the order in which the model asked. */
  readonly calls: readonly CallReport[];
}
