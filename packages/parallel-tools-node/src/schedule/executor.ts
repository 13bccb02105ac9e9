import type { Outcome, RunAgain, RunOutcome } from "./outcome.js";
import type { RunningCall } from "./surroundings.js";

/**
 * Runs the calls of a batch and decides how they end. Positions identify the
 * calls. Each method that judges returns how the call ends, or that it runs again.
 */
export interface Executor<Value> {
  /**
   * Runs one attempt of a call. Must not throw; may reject.
   *
   * @param running the attempt: what runs in its `run` is inside of it
   */
  execute(position: number, running: RunningCall): Promise<Value>;
  /** Judges an attempt that returned a value. */
  judgeValue(position: number, value: Value): RunOutcome<Value> | RunAgain;
  /** Judges an attempt that rejected with an error. */
  judgeError(position: number, error: unknown): RunOutcome<Value> | RunAgain;
  /**
   * Judges an attempt that has run for its `timeoutMs`. It is called a second time,
   * with `mayRunAgain` false, if the next attempt is due and this one still runs.
   */
  judgeTimeout(
    position: number,
    mayRunAgain: boolean,
  ): RunOutcome<Value> | RunAgain;
  /** How a call ends if its limits can't be taken. */
  judgeUnstarted(position: number, error: unknown): RunOutcome<Value>;
  /** How a call ends if the time of the batch is over. */
  judgeCutOff(position: number, hasStarted: boolean): Outcome<Value>;
  /**
   * How a call ends that shares the outcome of an identical call. `undefined`: the
   * outcome can't be shared, so this call runs, too.
   */
  share(position: number, outcome: Outcome<Value>): Outcome<Value> | undefined;
  /**
   * Keeps the outcome of a call that has run. The call ends when the promise
   * resolves, which must not reject. `undefined`, or no such method: at once.
   */
  keep?(position: number, outcome: Outcome<Value>): Promise<void> | undefined;
  /** The time of the batch is over. Must abort the calls that still run. */
  onBatchTimeout(): void;
}
