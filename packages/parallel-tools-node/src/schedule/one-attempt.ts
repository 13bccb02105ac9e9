import type { Executor } from "./executor.js";
import type { RunOutcome } from "./outcome.js";
import type { RunningCall } from "./surroundings.js";

/** Are told of the attempt before it gives its limits back. */
interface Judges<Value> {
  readonly onValue?: (value: Value) => void;
  readonly onError?: (error: unknown) => void;
}

/**
 * Runs one attempt of one call and judges nothing: for a batch of one that has no time
 * limit, no batch around it and no twin.
 */
export function oneAttempt<Value>(
  attempt: (running: RunningCall) => Promise<Value>,
  { onValue, onError }: Judges<Value> = {},
): Executor<Value> {
  const failed = (_: number, error: unknown): RunOutcome<Value> => ({
    status: "error",
    error,
  });
  return {
    execute: (_, running) => attempt(running),
    judgeValue: (_, value) => {
      onValue?.(value);
      return { status: "ok", value };
    },
    judgeError: (position, error) => {
      onError?.(error);
      return failed(position, error);
    },
    judgeUnstarted: failed,
    judgeTimeout: () => ({ status: "aborted" }),
    judgeCutOff: () => ({ status: "aborted" }),
    share: () => undefined,
    onBatchTimeout() {},
  };
}
