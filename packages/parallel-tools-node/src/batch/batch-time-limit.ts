import { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import type { ScheduleOptions } from "../schedule/schedule-options.js";
import type { BatchHost } from "./batch-host.js";
import type { BatchSignal } from "./batch-signal.js";
import type { CallJudge } from "./call-judge.js";
import type { Answer } from "./run-tool.js";

const NONE: Partial<ScheduleOptions<Answer>> = Object.freeze({});

/** How a batch ends that takes too long, if it has a limit. */
export function batchTimeLimit(
  { batchTimeoutMs }: BatchHost,
  judge: CallJudge,
  signal: BatchSignal,
): Partial<ScheduleOptions<Answer>> {
  if (batchTimeoutMs === undefined) return NONE;
  const error = new ToolTimeoutError(batchTimeoutMs);
  return {
    batchTimeoutMs,
    judgeCutOff: (...call) => judge.ofCutOff(...call, error),
    onBatchTimeout: () => signal.abort(error),
  };
}
