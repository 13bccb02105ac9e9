import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { callWithSignal } from "../langgraph/nested-signal.js";
import type { RunTool } from "../batch/batch-host.js";
import { callWithConfigurable } from "../batch/call-with-configurable.js";
import { combineAnswers } from "../batch/batch-answers.js";
import type { SendInput } from "../batch/read-batch.js";
import type { SiblingRegistry } from "./sibling-registry.js";

/**
 * Runs one call that `Send` has carried here, among its siblings, and gives the
 * state update.
 *
 * @throws what the call has to throw
 */
export async function runSentCall(
  { lg_tool_call: toolCall, ...state }: SendInput,
  config: LangGraphRunnableConfig,
  runTool: RunTool,
  registry: SiblingRegistry,
): Promise<unknown> {
  const answer = await registry.answer(
    {
      toolCall,
      run: (call, signal, configurable) =>
        callWithConfigurable(config, configurable, (asked) =>
          callWithSignal(asked, signal, (own) => runTool(call, own, state)),
        ),
    },
    { state, config, areTasks: true },
  );
  return combineAnswers([answer], false);
}
