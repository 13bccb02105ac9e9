import type { LangGraphRunnableConfig } from "@langchain/langgraph";

/** By the scratchpad of a task, which is new in each run of it (LangGraph 1.7.3). */
const rounds = new WeakMap<object, number>();

/**
 * How many batches have ended well in a task: a function of the application may run
 * one after the other in it, and each has calls and questions of its own.
 */
export function roundOf(config: LangGraphRunnableConfig): number {
  const task = taskOf(config);
  return (task && rounds.get(task)) ?? 0;
}

export function endRound(config: LangGraphRunnableConfig): void {
  const task = taskOf(config);
  if (task) rounds.set(task, roundOf(config) + 1);
}

function taskOf({ configurable }: LangGraphRunnableConfig): object | undefined {
  return configurable?.["__pregel_scratchpad"] as object | undefined;
}
