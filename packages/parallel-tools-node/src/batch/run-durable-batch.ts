import type { ToolCall } from "@langchain/core/messages/tool";
import {
  getConfig,
  type LangGraphRunnableConfig,
  task,
} from "@langchain/langgraph";
import { callWithSignal } from "../langgraph/nested-signal.js";
import type { BatchHost, RunTool } from "./batch-host.js";
import { combineAnswers } from "./combine-answers.js";
import { isControlFlow, mergeControlFlow } from "./control-flow.js";
import { DropWarning } from "./drop-warning.js";
import { withOwnResume } from "./own-resume.js";
import { type Batch, readBatch } from "./read-batch.js";
import { reviveAnswer } from "./revive-answer.js";
import type { Answer } from "./run-tool.js";
import type { SentCall } from "./sent-call.js";
import { Siblings } from "./siblings.js";

/**
 * As `runBatch`, with each call as a task of LangGraph's: what a call answers is
 * kept with the checkpoint as soon as it has ended, and it isn't run again when
 * the run goes on after an interrupt or a crash. Tasks are told apart by the
 * order in which they are made, which is that of the message.
 *
 * @throws as `runBatch`; the interrupts of all calls as one, each with an id of
 *   its own
 */
export async function runDurableBatch(
  input: unknown,
  config: LangGraphRunnableConfig,
  host: BatchHost,
  runTool: RunTool,
): Promise<unknown> {
  const batch = readBatch(input);
  const siblings = new Siblings({
    batch,
    config,
    host,
    areTasks: true,
    // LangGraph would end all tasks of the step at the first error.
    isHeld: !host.handlesErrors(),
    areCapped: false,
    drops: new DropWarning(),
  });
  const ends = await Promise.allSettled(
    batch.toolCalls.map((toolCall, position) =>
      runAsTask(toolCall, position, batch, config, siblings, runTool),
    ),
  );
  const thrown = ends.flatMap((end) =>
    end.status === "rejected" ? [end.reason as unknown] : [],
  );
  if (thrown.length > 0) {
    const error = thrown.find((one) => !isControlFlow(one));
    throw error ?? mergeControlFlow(thrown);
  }
  const answers = ends.map(
    (end) => (end as PromiseFulfilledResult<Answer>).value,
  );
  return combineAnswers(answers, batch.isArray);
}

async function runAsTask(
  toolCall: ToolCall,
  position: number,
  { state }: Batch,
  config: LangGraphRunnableConfig,
  siblings: Siblings,
  runTool: RunTool,
): Promise<Answer> {
  const run = task(toolCall.name, (): Promise<Answer> => {
    // In a task, the config is that task's own.
    const own = { ...config, ...getConfig() };
    const call: SentCall = {
      toolCall,
      run: (resolved, signal) =>
        callWithSignal(own, signal, (heard) => runTool(resolved, heard, state)),
    };
    return siblings.answerAt(position, withOwnResume(call, own), own);
  });
  const answer = reviveAnswer(await run());
  siblings.endedBeforeAt(position, answer);
  return answer;
}
