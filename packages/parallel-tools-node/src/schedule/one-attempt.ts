import type { Executor } from "./executor.js";
import type { RunOutcome } from "./outcome.js";
import type { RunningCall } from "./surroundings.js";

/**
 * Runs one attempt of one call and judges nothing: for a batch of one that has no time
 * limit, no batch around it and no twin.
 */
export function oneAttempt<Value>(
  attempt: (running: RunningCall) => Promise<Value>,
): Executor<Value> {
  const failed = (_: number, error: unknown): RunOutcome<Value> => ({
    status: "error",
    error,
  });
  return {
    execute: (_, running) => attempt(running),
    judgeValue: (_, value) => ({ status: "ok", value }),
    judgeError: failed,
    judgeUnstarted: failed,
    judgeTimeout: () => ({ status: "aborted" }),
    judgeCutOff: () => ({ status: "aborted" }),
    share: () => undefined,
    onBatchTimeout() {},
  };
}
