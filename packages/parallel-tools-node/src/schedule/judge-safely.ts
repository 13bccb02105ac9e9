import type { RunAgain, RunOutcome } from "./outcome.js";

/** What a tool gives or throws is foreign: looking at it may throw. */
export function judgeSafely<Value>(
  judge: () => RunOutcome<Value> | RunAgain,
): RunOutcome<Value> | RunAgain {
  try {
    return judge();
  } catch (error) {
    return { status: "error", error };
  }
}
