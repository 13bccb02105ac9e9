import { type LangGraphRunnableConfig, task } from "@langchain/langgraph";

/**
 * Runs a function as a task of the graph below the task that is running. What it
 * gives is kept with the checkpoint, and it isn't run again when the run goes on.
 *
 * LangGraph knows such tasks by their name and by how many were made before
 * (1.7.3, `call` in `pregel/runner`: it reads `callCounter` at once). Here it is
 * the number that tells, whenever the task is made.
 *
 * @param config of the task that is running
 * @param number one that no other task below it has
 */
export function numberedTask<Result>(
  config: LangGraphRunnableConfig,
  name: string,
  number: number,
  run: () => Promise<Result>,
): Promise<Result> {
  const counter = config.configurable?.["__pregel_scratchpad"] as Counter;
  const next = counter.callCounter;
  counter.callCounter = number;
  const result = task(name, run)() as Promise<Result>;
  counter.callCounter = Math.max(next, number + 1);
  return result;
}

interface Counter {
  callCounter: number;
}
