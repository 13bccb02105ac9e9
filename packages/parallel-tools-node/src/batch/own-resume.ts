import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { SentCall } from "./sent-call.js";
import { pendingWrites } from "./pending-writes.js";

/** The part of LangGraph's scratchpad of a task that a resume uses. */
interface Scratchpad {
  /** What `new Command({ resume })` answers, where it names no interrupt. */
  nullResume?: unknown;
}

/**
 * The call, for a task that takes no answer which was meant for another. LangGraph
 * hands a plain `resume` to every task of the step that asks, since each of
 * them was interrupted. One that only waited for such a task was not: its first
 * question is a new one.
 */
export function withOwnResume(
  call: SentCall,
  config: LangGraphRunnableConfig,
): SentCall {
  const scratchpad = config.configurable?.["__pregel_scratchpad"] as
    | Scratchpad
    | undefined;
  if (scratchpad?.nullResume === undefined) return call;
  return {
    toolCall: call.toolCall,
    run: async (...args) => {
      await keepToOwnResume(config, scratchpad);
      return call.run(...args);
    },
    answerToError: (error) => call.answerToError?.(error),
    stopSignal: () => call.stopSignal?.(),
    ...(call.stop && { stop: (reason: unknown) => call.stop!(reason) }),
    finish: (answer) => call.finish?.(answer) ?? answer,
  };
}

async function keepToOwnResume(
  config: LangGraphRunnableConfig,
  scratchpad: Scratchpad,
): Promise<void> {
  const task: unknown = config.configurable?.["__pregel_task_id"];
  const writes = await pendingWrites(config);
  const hasAsked = writes.some(
    ([taskId, channel]) => taskId === task && channel === "__interrupt__",
  );
  if (!hasAsked) delete scratchpad.nullResume;
}
