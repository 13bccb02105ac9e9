import type { Executor } from "../schedule/executor.js";
import type { RunOutcome } from "../schedule/outcome.js";
import type { RunningCall } from "../schedule/surroundings.js";

/** Runs one attempt of one call and judges nothing. */
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
    // There is no time limit, no batch around it and no twin.
    judgeTimeout: () => ({ status: "aborted" }),
    judgeCutOff: () => ({ status: "aborted" }),
    share: () => undefined,
    onBatchTimeout() {},
  };
}
