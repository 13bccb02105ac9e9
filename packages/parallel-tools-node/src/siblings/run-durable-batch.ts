import type { ToolCall } from "@langchain/core/messages/tool";
import {
  getConfig,
  GraphInterrupt,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { callWith } from "../langgraph/nested-signal.js";
import { numberedTask, reviveResult } from "../langgraph/durable-task.js";
import { StepAnswers } from "../langgraph/step-answers.js";
import { beginRound, leaveRound, taskIdOf } from "../langgraph/task.js";
import type { BatchHost, RunTool } from "../batch/batch-host.js";
import { combineAnswers } from "../batch/batch-answers.js";
import {
  allQuestions,
  firstControlFlow,
  isControlFlow,
  isInterrupt,
} from "../batch/control-flow.js";
import { readBatch } from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import { asTask, type SentCall } from "./sent-call.js";
import { Siblings } from "./siblings.js";

/** One batch, as its tasks see it. */
interface DurableBatch {
  readonly siblings: Siblings;
  readonly state: unknown;
  /** Of the task that they are in. */
  readonly config: LangGraphRunnableConfig;
  /** Its number in that task. */
  readonly round: number;
  readonly answers: StepAnswers | undefined;
  readonly runTool: RunTool;
  /** What calls have thrown, by position. */
  readonly thrown: { readonly error: unknown }[];
}

/**
 * As `runBatch`, with each call as a task of LangGraph's: what a call answers is
 * kept with the checkpoint as soon as it has ended, and it isn't run again when
 * the run goes on after an interrupt or a crash. Tasks are told apart by the
 * order in which they are made, which is that of the message.
 *
 * What calls throw is thrown by the task that they are in, and by no other. The
 * graph's retry policy then holds for it, and in a graph inside another one each
 * question surfaces once: LangGraph (1.7.3, `pregel/runner`) would show those of
 * the calls and those of the task.
 *
 * @throws as `runBatch`; the questions of all calls as one interrupt
 */
export async function runDurableBatch(
  input: unknown,
  config: LangGraphRunnableConfig,
  host: BatchHost,
  runTool: RunTool,
): Promise<unknown> {
  const batch = readBatch(input);
  const { toolCalls, state, isArray } = batch;
  const round = beginRound(config);
  const answers = await StepAnswers.of(config, host.clock);
  answers?.handTo(config);
  const thrown: { readonly error: unknown }[] = [];
  const siblings = new Siblings({
    batch,
    config,
    host,
    mode: "durable node",
  });
  const durable = { siblings, state, config, round, answers, runTool, thrown };
  const ends = await Promise.allSettled(
    toolCalls.map((toolCall, position) =>
      runAsTask(toolCall, position, durable),
    ),
  );
  ends.forEach((end, position) => {
    if (end.status === "rejected") thrown[position] ??= { error: end.reason };
  });
  const errors = thrown.flatMap(({ error }) => [error]);
  if (errors.length > 0) {
    leaveRound(config, round);
    throw whatIsThrown(errors);
  }
  const given = ends.map(
    (end) => (end as PromiseFulfilledResult<Answer>).value,
  );
  return combineAnswers(given, isArray);
}

/** More than any batch has calls: those of one round have numbers of their own. */
const ROUND = 1_000_000;

/** Of what calls have thrown, in their order. */
function whatIsThrown(errors: readonly unknown[]): unknown {
  const failed = errors.find((error) => !isControlFlow(error));
  if (failed !== undefined) return failed;
  const questions = allQuestions(errors.filter(isInterrupt));
  return questions.interrupts.length > 0 ? questions : firstControlFlow(errors);
}

async function runAsTask(
  toolCall: ToolCall,
  position: number,
  { siblings, state, config, round, answers, runTool, thrown }: DurableBatch,
): Promise<Answer> {
  const run = async (): Promise<Answer> => {
    // In a task, the config is that task's own.
    const own = { ...config, ...getConfig() };
    const call: SentCall = {
      toolCall,
      run: (resolved, signal, configurable) =>
        callWith(own, signal, configurable, (heard) =>
          runTool(resolved, heard, state),
        ),
    };
    const asker = taskIdOf(config);
    try {
      const configurable = answers?.handTo(own, asker);
      const asked = asTask(call, own, configurable);
      return await siblings.answerAt(position, asked, own);
    } catch (error) {
      await answers?.keep(own, error);
      thrown[position] = { error };
      throw new GraphInterrupt([]);
    }
  };
  const number = round * ROUND + position;
  const answer = reviveResult(
    await numberedTask(config, toolCall.name, number, run),
  );
  siblings.endedBeforeAt(position, answer);
  return answer;
}
