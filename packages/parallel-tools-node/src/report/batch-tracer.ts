import type { BatchPlan, Dependency } from "../plan/batch-plan.js";
import type { BatchReport, CallReport } from "./batch-report.js";

/**
 * Follows batches while they run, for instance with spans:
 * `openTelemetryTracer` of `parallel-tools-node/opentelemetry` is one. Whatever
 * it throws is a warning on the console and changes nothing for the batch.
 */
export interface BatchTracer {
  /**
   * A batch has been planned and is about to run. `undefined`: it need not be
   * followed, and costs no more than this question.
   */
  begin(batch: TracedBatch): BatchTrace | undefined;
}

/** A batch that is about to run. */
export interface TracedBatch {
  readonly plan: BatchPlan;
  /** Milliseconds since 1970. All times of its calls count from here. */
  readonly beganAt: number;
}

/** Follows one batch. */
export interface BatchTrace {
  /**
   * An attempt of a call starts. Calls `run`, at once and once: what the tool
   * does happens in the async context in which `run` is called.
   */
  runCall(call: TracedCall, run: () => void): void;
  /** A call has ended, whether or not it was run. */
  endCall(report: CallReport, end: CallEnd): void;
  /** All calls have ended. */
  end(report: BatchReport): void;
}

/** An attempt of a call that is about to start. */
export interface TracedCall {
  /** 0-based place in the message's `tool_calls`. */
  readonly index: number;
  /** `index` + 1. */
  readonly ordinal: number;
  readonly id: string | undefined;
  readonly name: string;
  readonly dependsOn: readonly Dependency[];
  /** Counts from 1. */
  readonly attempt: number;
  /** Milliseconds since the batch began. */
  readonly startMs: number;
  /** What the tool is to see, its references resolved. */
  readonly args: unknown;
}

/** What came of a call, beyond what its report says. */
export interface CallEnd {
  /** What the tool threw, or what its error message carries, if it failed. */
  readonly error?: unknown;
  /** Gives the content of its answer, if it did not fail: data if it is JSON. */
  readonly output?: () => unknown;
}
