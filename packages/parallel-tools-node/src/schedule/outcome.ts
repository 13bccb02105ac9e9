/**
 * How a call ended. `ok` and `error`: it ran. `skipped`: a call that it waited
 * for did not end well. `deferred`: it stood behind a `"replan"` call. `refused`:
 * it stood beyond `maxCalls`.
 * `interrupted`: it asked for a human, or waited for a call that did.
 * `aborted`: it was kept from starting, or cut short.
 */
export type OutcomeStatus =
  | "ok"
  | "error"
  | "skipped"
  | "deferred"
  | "refused"
  | "interrupted"
  | "aborted";

/** The end of one call. */
export interface Outcome<Value> {
  readonly status: OutcomeStatus;
  /** What the call gave, if it ran to its end. */
  readonly value?: Value;
  /** What it threw, if it threw. */
  readonly error?: unknown;
  /** For `skipped`: the position of the call that failed first on the way here. */
  readonly failed?: number;
  /** For `skipped`: that call didn't fail, it never came. So itself: `aborted`. */
  readonly isAbsent?: boolean;
}

/** What running a call may end with; the rest is the scheduler's to say. */
export interface RunOutcome<Value> extends Outcome<Value> {
  readonly status: "ok" | "error" | "interrupted" | "aborted";
  /** Nothing more may start: calls that wait end as this one did. */
  readonly halt?: boolean;
}

/**
 * The call has not ended: it gives back its limits, and in `delayMs`
 * milliseconds it's ready again, before all others that wait.
 */
export interface RunAgain {
  readonly status: "again";
  readonly delayMs: number;
}
