import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { attempt } from "../limits/feedback/attempt.js";
import { asAttempt } from "../langgraph/as-attempt.js";
import { type Configurable, scratchpadOf } from "../langgraph/scratchpad.js";
import { runBy, type SentCall } from "./sent-call.js";

/**
 * A call that is a task of its own: each of its attempts asks only what those
 * before it did not, also when someone around us makes the same call again.
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
  const { id, name, args } = call.toolCall;
  const key = attempt(() => JSON.stringify([id, name, args])) ?? {};
  return runBy(call, (toolCall, signal) =>
    asAttempt(config, key, () => call.run(toolCall, signal, configurable)),
  );
}
