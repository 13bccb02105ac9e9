import type { Clock } from "../limits/clock.js";
import type { BatchPlan } from "../plan/batch-plan.js";
import { BatchRecorder } from "./batch-recorder.js";
import type { BatchTracer } from "./batch-tracer.js";
import type { ReportListener } from "./notify.js";
import { type TracedCalls, TracedRecorder } from "./traced-recorder.js";

/** What reads the record of a batch. */
export interface RecordReaders {
  readonly clock: Clock;
  readonly onReport: ReportListener | undefined;
  readonly tracer: BatchTracer | undefined;
}

/** Creates the recorder of a batch; `undefined` if nothing reads the record. */
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
