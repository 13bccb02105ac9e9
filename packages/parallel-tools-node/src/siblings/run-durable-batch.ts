import type { ToolCall } from "@langchain/core/messages/tool";
import {
  getConfig,
  GraphInterrupt,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { combineAnswers } from "../batch/batch-answers.js";
import type { BatchHost, RunTool } from "../batch/batch-host.js";
import {
  allQuestions,
  firstControlFlow,
  isControlFlow,
  isInterrupt,
} from "../batch/control-flow.js";
import { readBatch } from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import { numberedTask, reviveResult } from "../langgraph/durable-task.js";
import { callWith } from "../langgraph/nested-signal.js";
import { StepAnswers } from "../langgraph/step-answers.js";
import { beginRound, leaveRound, taskIdOf } from "../langgraph/task.js";
import { asTask, type SentCall } from "./sent-call.js";
import { Siblings } from "./siblings.js";

/** What the tasks of one batch share. */
interface DurableBatch {
  readonly siblings: Siblings;
  readonly state: unknown;
  /** The config of the task in which the batch runs. */
  readonly config: LangGraphRunnableConfig;
  /** The number of the batch in that task. */
  readonly round: number;
  readonly answers: StepAnswers | undefined;
  readonly runTool: RunTool;
  /** The errors that calls threw, by position. */
  readonly thrown: { readonly error: unknown }[];
}

/**
 * As `runBatch`, but each call is a task of LangGraph. Its answer is kept with the
 * checkpoint as soon as it has ended, and the call isn't run again when the run
 * continues after an interrupt or a crash. The number of a task follows from the
 * round and from the position of its call, so that the task is found again.
 *
 * The task of a call doesn't throw the error of the call: the task around it does.
 * So the graph's retry policy applies to the error, and in a nested graph each
 * question surfaces once. LangGraph (1.7.3, `pregel/runner`) would show those of
 * the calls and those of the task around them.
 *
 * @throws as `runBatch`, but the questions of all calls are one interrupt
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
  const results = await Promise.allSettled(
    toolCalls.map((toolCall, position) =>
      runAsTask(toolCall, position, durable),
    ),
  );
  results.forEach((result, position) => {
    if (result.status === "fulfilled") return;
    thrown[position] ??= { error: result.reason };
  });
  const errors = thrown.flatMap(({ error }) => [error]);
  if (errors.length > 0) {
    leaveRound(config, round);
    throw errorToThrow(errors);
  }
  const given = results.map(
    (result) => (result as PromiseFulfilledResult<Answer>).value,
  );
  return combineAnswers(given, isArray);
}

/** More than the calls of any batch, so that each round has its own numbers. */
const NUMBERS_PER_ROUND = 1_000_000;

/** @param errors of the calls, in the order of the calls */
function errorToThrow(errors: readonly unknown[]): unknown {
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
    // `getConfig` gives the config of the call's own task.
    const taskConfig = { ...config, ...getConfig() };
    const call: SentCall = {
      toolCall,
      run: (resolved, signal, configurable) =>
        callWith(taskConfig, signal, configurable, (callConfig) =>
          runTool(resolved, callConfig, state),
        ),
    };
    const parentTask = taskIdOf(config);
    try {
      const configurable = answers?.handTo(taskConfig, parentTask);
      const task = asTask(call, taskConfig, configurable);
      return await siblings.answerAt(position, task, taskConfig);
    } catch (error) {
      await answers?.keep(taskConfig, error);
      thrown[position] = { error };
      throw new GraphInterrupt([]);
    }
  };
  const number = round * NUMBERS_PER_ROUND + position;
  const answer = reviveResult(
    await numberedTask(config, toolCall.name, number, run),
  );
  siblings.endedBeforeAt(position, answer);
  return answer;
}
