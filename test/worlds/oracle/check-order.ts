import type { Difference } from "../difference.js";
import { isSubstituted, keepsAnswers, leaderOf, type Turn } from "../world.js";
import type { Execution } from "./executions-in.js";
import type { Fate } from "./fates-of.js";
import type { Order } from "./order-of.js";

/** R3, R4, R8: what started in the run that has just ended had to be its turn. */
export function checkOrder(
  turn: Turn,
  order: Order,
  fates: readonly Fate[],
  executions: readonly Execution[],
  run: number,
): Difference[] {
  const found: Difference[] = [];
  for (const execution of executions) {
    if (execution.run !== run) continue;
    const { call, startedAt } = execution;
    const fate = fates[call]?.is;
    if (fate === "not run" || fate === "unresolved") {
      const detail = `call ${call + 1} in run ${run}, whose fate is: ${fate}`;
      found.push({ kind: "ran though it must not", detail });
      continue;
    }
    for (const other of order.waitsFor[call] ?? []) {
      const leader = leaderOf(turn, other);
      if (turn.absent.has(other) || isSubstituted(turn, other)) continue;
      const its = executions.filter(
        (one) =>
          leaderOf(turn, one.call) === leader &&
          (one.run === run || keepsAnswers(turn.host)),
      );
      const hasEnded = its.some(
        ({ end, endedAt = Infinity }) => end === "ended" && endedAt < startedAt,
      );
      const isLater = its.some(
        ({ run: at, endedAt = Infinity }) => at === run && endedAt > startedAt,
      );
      if (hasEnded && !isLater) continue;
      const detail = `call ${call + 1} started in run ${run} ${hasEnded ? "while or before" : "without"} call ${other + 1}`;
      found.push({ kind: "out of order", detail });
    }
  }
  return found;
}
