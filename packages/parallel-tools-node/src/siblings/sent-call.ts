import { AsyncResource } from "node:async_hooks";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Answer } from "../batch/run-tool.js";
import { asAttempt, skipAttempt } from "../langgraph/as-attempt.js";
import { asking } from "../langgraph/call-questions.js";
import type { Configurable } from "../langgraph/task.js";
import type { Outcome } from "../schedule/outcome.js";

/** A call that comes without the others of its message, and how to run it. */
export interface SentCall {
  readonly toolCall: ToolCall;
  /**
   * Runs one attempt of the call.
   *
   * @param toolCall with its references resolved
   * @param signal for the tool
   * @param configurable replaces that of the call's task
   */
  run(
    toolCall: ToolCall,
    signal: AbortSignal | undefined,
    configurable?: Configurable,
  ): Promise<Answer>;
  /**
   * The answer to the call if `run` threw this error. `undefined`, or no such
   * method: the call throws the error.
   */
  answerToError?(error: unknown): Answer | undefined;
  /** Whether the call threw and this answer was made from the error. */
  hasFailed?(answer: Answer): boolean;
  /** The call threw before the run was paused, and this was its answer. */
  failedBefore?(answer: Answer): void;
  /** The call isn't run, because it has ended before. It had asked so much. */
  skip?(questions: number): void;
  /**
   * A signal that ends the run and isn't the one of the call's task, such as an
   * agent's own. `undefined`: there is none, or it isn't known.
   */
  stopSignal?(): AbortSignal | undefined;
  /** Ends a call that isn't running as if it was stopped for this reason. */
  stop?(reason: unknown): Promise<Answer>;
  /** Turns the call's answer into what the sender gets. May throw. */
  finish?(answer: Answer): Answer;
}

/** The same call with another `run`. */
export function runBy(call: SentCall, run: SentCall["run"]): SentCall {
  return {
    toolCall: call.toolCall,
    run,
    answerToError: (error) => call.answerToError?.(error),
    hasFailed: (answer) => call.hasFailed?.(answer) === true,
    failedBefore: (answer) => call.failedBefore?.(answer),
    ...(call.stopSignal && { stopSignal: () => call.stopSignal?.() }),
    ...(call.stop && { stop: (reason: unknown) => call.stop!(reason) }),
    finish: (answer) => call.finish?.(answer) ?? answer,
  };
}

/**
 * The same call as a task of its own. Each attempt asks a human only what earlier
 * attempts did not ask, also when other middleware makes the same call again.
 *
 * @param config of the task, which must have a scratchpad
 * @param configurable for the attempts, in place of the task's own
 */
export function asTask(
  call: SentCall,
  config: LangGraphRunnableConfig,
  configurable: Configurable | undefined,
): SentCall {
  const key = keyOf(call.toolCall);
  const task = runBy(call, (toolCall, signal) =>
    asking(config, () =>
      asAttempt(config, key, () => call.run(toolCall, signal, configurable)),
    ),
  );
  return { ...task, skip: (count) => skipAttempt(config, key, count) };
}

/** Equal for equal calls, where their arguments are JSON. */
function keyOf({ id, name, args }: ToolCall): unknown {
  try {
    return JSON.stringify([id, name, args]);
  } catch {
    return {};
  }
}

/** A call that has arrived and isn't answered yet. */
export interface PendingCall {
  readonly call: SentCall;
  /** Of its task. */
  readonly config: LangGraphRunnableConfig;
  /** Runs a function in the async context of the call's task. */
  inOwnContext?: (<Result>(run: () => Result) => Result) | undefined;
  hasStarted: boolean;
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (error: unknown) => void;
}

/** From now on the call runs in the async context that is current now. */
export function keepContext(pending: PendingCall): void {
  const context = new AsyncResource("parallel-tools-node");
  pending.inOwnContext = (run) => context.runInAsyncScope(run);
}

/** Whether a call that ended like this has to throw. */
export function willThrow(outcome: Outcome<Answer>): boolean {
  if ("value" in outcome) return false;
  const { status } = outcome;
  return "error" in outcome || status === "interrupted" || status === "aborted";
}
