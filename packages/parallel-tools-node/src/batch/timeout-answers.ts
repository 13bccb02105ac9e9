import type { ToolMessage } from "@langchain/core/messages";
import { outOfTime } from "../answers/not-run.js";
import { stopped } from "../answers/stopped.js";
import type { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import { type AnsweredCall, answerToThrown } from "./run-tool.js";

/** For a call that ran into a limit in time while it ran. */
export function timedOutAnswer(
  call: AnsweredCall,
  error: ToolTimeoutError,
  isRepeatable: boolean,
): ToolMessage {
  return answerToThrown(call, error, stopped(error.message, isRepeatable));
}

/** For a call that had not started when its batch ran out of time. */
export function outOfTimeAnswer(
  call: AnsweredCall,
  error: ToolTimeoutError,
): ToolMessage {
  return answerToThrown(call, error, outOfTime(error.message));
}
