import type { RunAgain, RunOutcome } from "./outcome.js";

/** Says how a call has ended that gave this, threw this, or took so long. */
export type Judge<Value, Given> = (
  position: number,
  given: Given,
) => RunOutcome<Value> | RunAgain;

/** What a tool gives or throws is foreign: looking at it may throw. */
export function judgeSafely<Value, Given>(
  judge: Judge<Value, Given>,
  position: number,
  given: Given,
): RunOutcome<Value> | RunAgain {
  try {
    return judge(position, given);
  } catch (error) {
    return { status: "error", error };
  }
}
