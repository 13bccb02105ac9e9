import type { Difference } from "../difference.js";
import { mayStartEarly, toolOf, type Turn } from "../world.js";
import type { Execution } from "./executions-in.js";

/**
 * R13: only calls of some tools start early, each once, in the run in which the model
 * has written them.
 *
 * @param executions of the turn, also those of no use
 */
export function checkEarly(
  turn: Turn,
  executions: readonly Execution[],
  run: number,
): Difference[] {
  const early = executions.filter(({ isEarly }) => isEarly);
  return early.flatMap((execution, place): Difference[] => {
    const { call, edit, run: at } = execution;
    if (at !== run) return [];
    const isAgain = early
      .slice(0, place)
      .some((one) => one.call === call && one.run === run);
    const mayStart = mayStartEarly(turn, toolOf(turn, call));
    if (mayStart && edit === undefined && !isAgain) return [];
    const detail = `call ${call + 1} of turn ${turn.place + 1} in run ${run}${isAgain ? ", again" : ""}`;
    return [{ kind: "started early", detail }];
  });
}

/** R13: whether an execution may have been for nothing. Then it counts for nothing. */
export function isOfNoUse(
  { absent }: Turn,
  { call, isEarly, isDiscarded }: Execution,
): boolean {
  // Of a call that never comes, the early run ends later.
  return isDiscarded || (isEarly && absent.has(call));
}
