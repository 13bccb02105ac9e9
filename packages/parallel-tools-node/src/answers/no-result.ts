import type { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import { describeDuration, describeWait } from "../errors/describe-duration.js";

/** The call ran into a limit in time while it ran. */
export function stopped(
  { timeoutMs, toolName }: ToolTimeoutError,
  isRepeatable: boolean,
): string {
  const late = toolName ?? "the calls of this message";
  const next = isRepeatable
    ? "Ask it for less, make this call again later, or go on without it."
    : "It may have taken effect all the same: find out before you make this call again.";
  return `Error: ${late} did not finish within ${describeDuration(timeoutMs)}, so this call was stopped and has no result. ${next}`;
}

interface RefusedCall {
  /** What the model would read if it was an ordinary failure. */
  readonly failure: string;
  /** How often the call was run. */
  readonly attempts: number;
  /** Until the server might take the call, in milliseconds. */
  readonly retryAfterMs: number;
  /** What the tool did before it was refused may count if it is repeated. */
  readonly mayHaveTakenEffect: boolean;
}

/** The server behind the tool refused the call, and takes none for now. */
export function refused({
  failure,
  attempts,
  retryAfterMs,
  mayHaveTakenEffect,
}: RefusedCall): string {
  const next = mayHaveTakenEffect
    ? "The call may have taken effect all the same: find out before you make it again,"
    : "Make this call again";
  return `${failure}\n The server takes no more calls for now (attempts made: ${attempts}). ${next} in ${describeWait(retryAfterMs)} at the earliest, and go on with something else until then.`;
}
