/**
 * How a call ended.
 *
 * - `ok`: it ran and succeeded.
 * - `error`: it ran and failed, or could not start.
 * - `skipped`: a call that it waited for did not end well.
 * - `deferred`: it came after a `"replan"` call.
 * - `refused`: it was beyond `maxCalls` or `maxDepth`, or its tool is for other callers.
 * - `interrupted`: it threw a signal of LangGraph, such as a question to a human,
 *   or such a call kept it from starting.
 * - `aborted`: it was kept from starting, or was cut short.
 */
export type OutcomeStatus =
  | "ok"
  | "error"
  | "skipped"
  | "deferred"
  | "refused"
  | "interrupted"
  | "aborted";

/** How one call ended, with its value or its error. */
export interface Outcome<Value> {
  readonly status: OutcomeStatus;
  /** What the call returned, if it returned. */
  readonly value?: Value;
  /** What it threw, if it threw. */
  readonly error?: unknown;
  /** For `skipped`: the position of the failed call that is the first cause. */
  readonly failed?: number;
  /** For `skipped`: the first cause didn't fail, it never arrived. */
  readonly isAbsent?: boolean;
}

/** What an executor may decide of an attempt, or of a call that can't start. */
export interface RunOutcome<Value> extends Outcome<Value> {
  readonly status: "ok" | "error" | "interrupted" | "aborted";
  /** No other call may start: those that wait end with the same status. */
  readonly halt?: boolean;
}

/**
 * The call has not ended. It releases its limits. After `delayMs` milliseconds it
 * is ready again and precedes all other calls that wait.
 */
export interface RunAgain {
  readonly status: "again";
  readonly delayMs: number;
}
