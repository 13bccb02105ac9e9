import type { Clock } from "../limits/clock.js";
import type { BatchPlan } from "../plan/batch-plan.js";
import { BatchRecorder } from "./batch-recorder.js";
import type { BatchTracer } from "./batch-tracer.js";
import type { ReportListener } from "./notify.js";
import { type TracedCalls, TracedRecorder } from "./traced-recorder.js";

/** Who wants to know what a batch does. */
export interface RecordReaders {
  readonly clock: Clock;
  readonly onReport: ReportListener | undefined;
  readonly tracer: BatchTracer | undefined;
}

/** What records a batch for those who want to know; nothing if nobody does. */
export function createRecorder(
  plan: BatchPlan,
  { clock, onReport, tracer }: RecordReaders,
  calls: TracedCalls,
): BatchRecorder | undefined {
  if (tracer !== undefined) {
    const recorder = new TracedRecorder(plan, clock, tracer, calls);
    if (recorder.isFollowed) return recorder;
  }
  return onReport && new BatchRecorder(plan, clock);
}
