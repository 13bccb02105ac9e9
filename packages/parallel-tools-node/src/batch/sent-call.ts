import type { ToolCall } from "@langchain/core/messages/tool";
import type { Configurable } from "../langgraph/scratchpad.js";
import type { Answer } from "./run-tool.js";

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
  /** What whoever has sent it is to have of its answer. May throw. */
  finish?(answer: Answer): Answer;
}
