import { wait } from "./duration.js";

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
  return `${failure}\n The server takes no more calls for now (attempts made: ${attempts}). ${next} in ${wait(retryAfterMs)} at the earliest, and go on with something else until then.`;
}
