import type { Executor } from "../../packages/parallel-tools-node/src/schedule/executor.js";
import type { Outcome } from "../../packages/parallel-tools-node/src/schedule/outcome.js";
import { Schedule } from "../../packages/parallel-tools-node/src/schedule/schedule.js";
import type { ScheduleOptions } from "../../packages/parallel-tools-node/src/schedule/schedule-options.js";

/** What a test says of its calls; the rest has a simple meaning of its own. */
export type SimpleExecutor<Value> = Partial<Executor<Value>> &
  Pick<Executor<Value>, "execute">;

/** By default a value is `ok`, and all else an `error`. */
export function simpleExecutor<Value>(
  own: SimpleExecutor<Value>,
): Executor<Value> {
  return {
    judgeValue: (_, value) => ({ status: "ok", value }),
    judgeError: (_, error) => ({ status: "error", error }),
    judgeTimeout: () => ({ status: "error" }),
    judgeUnstarted: (_, error) => ({ status: "error", error }),
    judgeCutOff: () => ({ status: "aborted" }),
    share: () => undefined,
    onBatchTimeout: () => {},
    ...own,
  };
}

/**
 * Runs a batch whose calls are all there, and gives the outcomes by position
 * once nothing runs any more. Rejects for a cycle only.
 */
export function runSchedule<Value>({
  calls,
  groups,
  clock,
  comeOneByOne,
  signal,
  drainMs,
  batchTimeoutMs,
  observer,
  ...executor
}: Omit<ScheduleOptions<Value>, "executor"> & SimpleExecutor<Value>): Promise<
  Outcome<Value>[]
> {
  return new Promise((resolve) => {
    const schedule = new Schedule<Value>({
      calls,
      groups,
      executor: simpleExecutor(executor),
      clock,
      comeOneByOne,
      signal,
      drainMs,
      batchTimeoutMs,
      observer,
    });
    resolve(schedule.run());
  });
}
