import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { asAttempt } from "../langgraph/as-attempt.js";
import { type Configurable, scratchpadOf } from "../langgraph/scratchpad.js";
import { runBy, type SentCall } from "./sent-call.js";

/**
 * A call that is a task of its own: each of its attempts asks only what those
 * before it did not.
 *
 * @param config of the task
 * @param configurable what its attempts are to have in place of the task's own
 */
export function asTask(
  call: SentCall,
  config: LangGraphRunnableConfig,
  configurable: Configurable | undefined,
): SentCall {
  if (scratchpadOf(config) === undefined) return call;
  return runBy(call, (toolCall, signal) =>
    asAttempt(config, () => call.run(toolCall, signal, configurable)),
  );
}
