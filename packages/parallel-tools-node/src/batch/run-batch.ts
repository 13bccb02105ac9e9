import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { callQuestions } from "../langgraph/call-questions.js";
import { CallRecords } from "../langgraph/call-records.js";
import { callWith } from "../langgraph/nested-signal.js";
import {
  beginRound,
  type Configurable,
  isResumed,
  leaveRound,
  scratchpadOf,
} from "../langgraph/task.js";
import { combineAnswers } from "./batch-answers.js";
import type { BatchHost, RunTool } from "./batch-host.js";
import { BatchRun } from "./batch-run.js";
import { KeptCalls } from "./kept-calls.js";
import { asListed, readBatch } from "./read-batch.js";

/**
 * Plans and runs a batch, and returns the state update: one answer per call, in
 * the order of `tool_calls`. When it returns or throws, none of its calls runs any
 * more, except those that have gone on beyond a time limit or `drainMs`.
 *
 * With `durable`, each answer is kept with the checkpoint as soon as its call has
 * ended. Then a call that throws doesn't end the others: they don't run again.
 *
 * @throws the error of the lowest index; else the signal of LangGraph that
 *   `firstControlFlow` chooses, or with `durable` the questions of all calls; else
 *   the reason of the abort
 */
export async function runBatch(
  input: unknown,
  config: LangGraphRunnableConfig,
  host: BatchHost,
  runTool: RunTool,
): Promise<unknown> {
  const batch = readBatch(input);
  const { state, isArray } = batch;
  const round = beginRound(config);
  const isDurable = host.durability?.holdsFor(config) === true;
  const records =
    isDurable || isResumed(config)
      ? await CallRecords.open(config, isDurable)
      : undefined;
  const durability = isDurable ? host.durability : undefined;
  const kept =
    records && new KeptCalls({ records, durability, config, batch, round });
  const questions =
    scratchpadOf(config) && // Questions to a human need a scratchpad.
    callQuestions(asListed(batch, batch.toolCalls), config, host.clock, {
      round,
      asksTogether: isDurable,
    });
  if (questions?.opened) await questions.opened;
  const run = new BatchRun({
    batch,
    config,
    host,
    kept,
    othersRunOn: isDurable,
    areInOneTask: true,
    early: host.early?.take(config, batch.messageId),
    maxConcurrency: config.maxConcurrency,
    execute: (position, call, signal) => {
      const attempt = (configurable?: Configurable) =>
        callWith(config, signal, configurable, (callConfig) =>
          runTool(call, callConfig, state),
        );
      const place = batch.places?.[position] ?? position;
      return questions?.attempt(place, attempt) ?? attempt();
    },
  });
  try {
    const outcomes = await run.outcomes();
    return combineAnswers(asListed(batch, run.answers(outcomes)), isArray);
  } catch (error) {
    leaveRound(config, round);
    await questions?.keep().catch(() => {}); // `error` is thrown in any case.
    throw error;
  } finally {
    run.close();
  }
}
