import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { callWithSignal } from "../langgraph/nested-signal.js";
import type { BatchHost, RunTool } from "./batch-host.js";
import { BatchRun } from "./batch-run.js";
import { combineAnswers } from "./combine-answers.js";
import { readBatch } from "./read-batch.js";

/**
 * Plans and runs a batch and gives the state update: one answer per call, in
 * the order of the message. When it returns or throws, none of its calls runs
 * any more.
 *
 * @throws the error of the lowest index; else what {@link mergeControlFlow}
 *   makes of LangGraph's signals; else the reason of the abort that kept calls
 *   from running
 */
export async function runBatch(
  input: unknown,
  config: LangGraphRunnableConfig,
  host: BatchHost,
  runTool: RunTool,
): Promise<unknown> {
  const batch = readBatch(input);
  const { state, isArray } = batch;
  const run = new BatchRun({
    batch,
    config,
    host,
    maxConcurrency: config.maxConcurrency,
    execute: (_, call, signal) =>
      callWithSignal(config, signal, (own) => runTool(call, own, state)),
  });
  try {
    const outcomes = await run.outcomes();
    return combineAnswers(run.answers(outcomes), isArray);
  } finally {
    run.close();
  }
}
