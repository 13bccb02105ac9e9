import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Answer } from "../batch/run-tool.js";
import { asAttempt } from "../langgraph/as-attempt.js";
import type { Configurable } from "../langgraph/task.js";

/** A call that comes on its own, and how it is run. */
export interface SentCall {
  readonly toolCall: ToolCall;
  /**
   * Runs one attempt of the call.
   *
   * @param toolCall with its references resolved
   * @param signal the one that the tool is to see
   * @param configurable in place of its task's own
   */
  run(
    toolCall: ToolCall,
    signal: AbortSignal | undefined,
    configurable?: Configurable,
  ): Promise<Answer>;
  /**
   * The answer to the call if `run` threw this error. `undefined`, as without
   * this method: the call throws it.
   */
  answerToError?(error: unknown): Answer | undefined;
  /** Whether this is the answer to a call that has thrown. */
  hasFailed?(answer: Answer): boolean;
  /** The call threw before the run was paused, and this was its answer. */
  failedBefore?(answer: Answer): void;
  /**
   * A signal, such as an agent's own, that ends the run and isn't the one of the
   * call's task. `undefined`: there is none, or it isn't known.
   */
  stopSignal?(): AbortSignal | undefined;
  /** Ends a call that isn't running as one that was stopped for this reason. */
  stop?(reason: unknown): Promise<Answer>;
  /** What the sender gets for the call's answer. May throw. */
  finish?(answer: Answer): Answer;
}

/** The same call, run in another way. */
export function runBy(call: SentCall, run: SentCall["run"]): SentCall {
  return {
    toolCall: call.toolCall,
    run,
    answerToError: (error) => call.answerToError?.(error),
    ...(call.stopSignal && { stopSignal: () => call.stopSignal?.() }),
    ...(call.stop && { stop: (reason: unknown) => call.stop!(reason) }),
    finish: (answer) => call.finish?.(answer) ?? answer,
  };
}

/**
 * A call that is a task of its own. Each of its attempts asks only what those
 * before it did not, also when other code around it makes the same call again.
 *
 * @param config of the task, which has a scratchpad
 * @param configurable what its attempts get in place of the task's own
 */
export function asTask(
  call: SentCall,
  config: LangGraphRunnableConfig,
  configurable: Configurable | undefined,
): SentCall {
  const key = keyOf(call.toolCall);
  return runBy(call, (toolCall, signal) =>
    asAttempt(config, key, () => call.run(toolCall, signal, configurable)),
  );
}

/** Equal for equal calls, where their arguments are JSON. */
function keyOf({ id, name, args }: ToolCall): unknown {
  try {
    return JSON.stringify([id, name, args]);
  } catch {
    return {};
  }
}
