import type { ToolCall } from "@langchain/core/messages/tool";
import type { Configurable } from "../langgraph/scratchpad.js";
import type { Answer } from "../batch/run-tool.js";

/** A call that comes on its own, and how it is run. */
export interface SentCall {
  readonly toolCall: ToolCall;
  /**
   * @param toolCall with its references resolved
   * @param signal the one that the tool is to see
   * @param configurable in place of its task's own
   */
  run(
    toolCall: ToolCall,
    signal: AbortSignal | undefined,
    configurable?: Configurable,
  ): Promise<Answer>;
  /** Its answer if `run` threw this; `undefined`, as without: it has thrown it. */
  answerToError?(error: unknown): Answer | undefined;
  /** Whether this answer is of a call that has thrown. */
  hasFailed?(answer: Answer): boolean;
  /** It threw before the run was paused, and this was its answer. */
  failedBefore?(answer: Answer): void;
  /**
   * One that says when the run is to end, where that of the call's task does not,
   * such as an agent's own. `undefined`: there is none, or it isn't known.
   */
  stopSignal?(): AbortSignal | undefined;
  /** Ends the call, which isn't running, as one that was stopped for this reason. */
  stop?(reason: unknown): Promise<Answer>;
  /** What whoever has sent it is to have of its answer. May throw. */
  finish?(answer: Answer): Answer;
}

/** The call, but that it is run in another way. */
export function runBy(call: SentCall, run: SentCall["run"]): SentCall {
  return {
    toolCall: call.toolCall,
    run,
    answerToError: (error) => call.answerToError?.(error),
    stopSignal: () => call.stopSignal?.(),
    ...(call.stop && { stop: (reason: unknown) => call.stop!(reason) }),
    finish: (answer) => call.finish?.(answer) ?? answer,
  };
}
