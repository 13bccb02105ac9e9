import type { LangGraphRunnableConfig } from "@langchain/langgraph";

/** By the scratchpad of a task, which is new in each run of it (LangGraph 1.7.3). */
const taken = new WeakMap<object, Set<number>>();

/**
 * A batch begins in a task. A function of the application may run several in one
 * task, at once or one after the other, and each has calls and questions of its own.
 *
 * @returns its number in the task: the lowest that no batch has which runs or has
 *   ended well. One that failed leaves its number to that which is run in its place
 */
export function beginRound({ configurable }: LangGraphRunnableConfig): number {
  const task = configurable?.["__pregel_scratchpad"] as object | undefined;
  if (task === undefined) return 0;
  const rounds = taken.get(task) ?? new Set<number>();
  taken.set(task, rounds);
  let round = 0;
  while (rounds.has(round)) round += 1;
  rounds.add(round);
  return round;
}

/** The batch has failed. */
export function leaveRound(
  { configurable }: LangGraphRunnableConfig,
  round: number,
): void {
  const task = configurable?.["__pregel_scratchpad"] as object | undefined;
  if (task !== undefined) taken.get(task)?.delete(round);
}
