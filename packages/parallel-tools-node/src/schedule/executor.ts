import type { Outcome, RunAgain, RunOutcome } from "./outcome.js";

/**
 * Runs the calls of a batch and says how they ended. Calls are named by their
 * positions.
 */
export interface Executor<Value> {
  /** Runs one attempt of a call. Must not throw; may reject. */
  execute(position: number): Promise<Value>;
  /** How a call ended that gave this value, if that was its end. */
  judgeValue(position: number, value: Value): RunOutcome<Value> | RunAgain;
  /** How a call ended that rejected with this error, if that was its end. */
  judgeError(position: number, error: unknown): RunOutcome<Value> | RunAgain;
  /**
   * How a call ended whose attempt took its `timeoutMs`, if that was its end.
   * Asked again, with `mayRunAgain` false, when the next attempt is due and this
   * one still runs.
   */
  judgeTimeout(
    position: number,
    mayRunAgain: boolean,
  ): RunOutcome<Value> | RunAgain;
  /** How a call ends whose limits can't be had. */
  judgeUnstarted(position: number, error: unknown): RunOutcome<Value>;
  /** How a call ends that the batch has no more time for. */
  judgeCutOff(position: number, hasStarted: boolean): Outcome<Value>;
  /**
   * The end of a call that shares the one of an identical call. `undefined`: it
   * can't be shared, so this call runs, too.
   */
  share(position: number, outcome: Outcome<Value>): Outcome<Value> | undefined;
  /** The time of the batch is over. Calls that still run are to be told. */
  onBatchTimeout(): void;
}
