import type { BatchPlan, Dependency } from "../plan/batch-plan.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { BatchKind } from "./batch-identity.js";
import type { BatchReport, CallReport } from "./batch-report.js";

/**
 * Follows batches while they run, for example with spans, as
 * `openTelemetryTracer` of `parallel-tools-node/opentelemetry` does. An error
 * that it throws is a warning on the console; the batch goes on.
 */
export interface BatchTracer {
  /**
   * A batch has been planned and is about to run.
   *
   * @returns what follows it, or `undefined` to leave it alone: then a batch
   *   costs no more than this call
   */
  begin(batch: TracedBatch): BatchTrace | undefined;
}

/** A batch that is about to run. */
export interface TracedBatch {
  /** As in its report. */
  readonly batchId: string;
  /** The call inside which it runs, as in its report. */
  readonly inside?: CallPlace;
  /** `"model"`: one request to a model, as in its report. */
  readonly kind?: BatchKind;
  /** Without `reportArguments`, access keys made of arguments are left out. */
  readonly plan: BatchPlan;
  /** Milliseconds since 1970. All times of its calls count from here. */
  readonly beganAt: number;
}

/** Follows one batch. */
export interface BatchTrace {
  /**
   * An attempt of a call starts. It must call `run` once, before it returns. The
   * tool runs in the async context in which `run` is called.
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
  /** A copy of the arguments that the tool gets, with references resolved. */
  readonly args: unknown;
}

/** What a call ended with, which its report doesn't have. */
export interface CallEnd {
  /** If it failed: what the tool threw, or what its error message carries. */
  readonly error?: unknown;
  /** If it did not fail: gives the content of its answer, JSON as data. */
  readonly output?: () => unknown;
}
