import { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import type { ScheduleOptions } from "../schedule/schedule-options.js";
import type { BatchHost } from "./batch-host.js";
import type { BatchSignal } from "./batch-signal.js";
import type { CallJudge } from "./call-judge.js";
import type { Answer } from "./run-tool.js";

/** How a batch ends that takes too long, and its calls. */
export function timeLimits(
  { batchTimeoutMs, drainMs }: BatchHost,
  judge: CallJudge,
  signal: BatchSignal,
): Partial<ScheduleOptions<Answer>> {
  const limits: Partial<ScheduleOptions<Answer>> = {
    drainMs,
    judgeTimeout: (...call) => judge.ofTimeout(...call),
  };
  if (batchTimeoutMs === undefined) return limits;
  const error = new ToolTimeoutError(batchTimeoutMs);
  return {
    ...limits,
    batchTimeoutMs,
    judgeCutOff: (...call) => judge.ofCutOff(...call, error),
    onBatchTimeout: () => signal.abort(error),
  };
}
