import type { Difference } from "../difference.js";
import { keepsAnswers, leaderOf, toolOf, type Turn } from "../world.js";
import { attemptsAllowed } from "./attempts-allowed.js";
import type { Execution } from "./executions-in.js";

/**
 * R9, R15, R16: how often each call ran in the run that has just ended. What
 * one execution does it does once: its script is played from the start.
 */
export function checkExecutions(
  turn: Turn,
  executions: readonly Execution[],
  run: number,
): Difference[] {
  return turn.calls.flatMap((_, index) => {
    if (leaderOf(turn, index) !== index) return [];
    const own = executions.filter(({ call }) => leaderOf(turn, call) === index);
    const now = own.filter((execution) => execution.run === run);
    const before = own.filter((execution) => execution.run < run);
    return [
      ...checkAgain(turn, index, before, now),
      ...checkInRun(turn, index, now),
    ];
  });
}

/** A call that is a task and has finished is never run again. */
function checkAgain(
  turn: Turn,
  index: number,
  before: readonly Execution[],
  now: readonly Execution[],
): Difference[] {
  const last = before.at(-1)?.end;
  const hasFinished = last === "ended" || last === "failed";
  if (!keepsAnswers(turn.host) || !hasFinished || now.length === 0) return [];
  const detail = `call ${index + 1} had ${last} before run ${now[0]?.run}`;
  return [{ kind: "finished call ran again", detail }];
}

/** Another attempt follows one that failed, where the tool may be run again. */
function checkInRun(
  turn: Turn,
  index: number,
  now: readonly Execution[],
): Difference[] {
  const who = `call ${index + 1} in run ${now[0]?.run}`;
  const found: Difference[] = [];
  now.forEach((execution, place) => {
    const { end, endedAt } = execution;
    if (end === undefined) {
      found.push({ kind: "runs after its run", detail: who });
    }
    const next = now[place + 1];
    if (next === undefined) return;
    if (end !== "failed" || next.startedAt < (endedAt as number)) {
      const detail = `${who}, after it ${end ?? "had started"}`;
      found.push({ kind: "ran again in one run", detail });
    }
  });
  const failed = now.filter(({ end }) => end === "failed");
  const allowed = attemptsAllowed(toolOf(turn, index), howOf(failed));
  const most = allowed.most * (turn.host.retries === "nowhere" ? 1 : 2);
  if (now.length > most) {
    const detail = `${who} ran ${now.length} times, and ${most} are allowed`;
    found.push({ kind: "too many attempts", detail });
  }
  return found;
}

function howOf(failed: readonly Execution[]): "throw" | "429" | "hang" {
  const how = failed[0]?.how;
  return how === "429" || how === "hang" ? how : "throw";
}
