import type { Dependency, PlanShape } from "../plan/batch-plan.js";
import type { OutcomeStatus } from "../schedule/outcome.js";

/** A span of time that a call spent waiting, and for what. */
export type Wait =
  | {
      /** The call that was waited for last. */
      readonly for: "dependency";
      /** Its index in the message. */
      readonly index: number;
      readonly ms: number;
    }
  | {
      /**
       * `"feedback"`: a server had refused calls. `"circuit"`: a resource had
       * failed, and one call was being tried. `"retry"`: the interval of a
       * `retry` policy.
       */
      readonly for: "concurrency" | "rate" | "feedback" | "circuit" | "retry";
      /** `tool search`, `resource serp`, `node` or `batch`. */
      readonly limit: string;
      readonly ms: number;
    };

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
  /** What it waited for, in that order. */
  readonly waits: readonly Wait[];
  /** How often it was started: 0 when it was not run. */
  readonly attempts: number;
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

/** The record of a batch. Holds no results, and arguments only if asked to. */
export interface BatchReport {
  readonly shape: PlanShape;
  /** Calls on the longest path of the plan. */
  readonly depth: number;
  /** From the start of the batch to the end of its last call. */
  readonly durationMs: number;
  /** The running times of all attempts together: what one at a time would take. */
  readonly sumMs: number;
  /** The longest path by running time: no schedule could be faster. */
  readonly longestPathMs: number;
  /** In the order in which the model asked. */
  readonly calls: readonly CallReport[];
}
