import type { ToolMessage } from "@langchain/core/messages";
import type { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import { type AnsweredCall, answerToThrown } from "./run-tool.js";

/** What the model does about a call that was cut short. */
const NEXT = {
  repeatable:
    "Ask it for less, make this call again later, or go on without it.",
  unknown:
    "It may have taken effect all the same: find out before you make this call again.",
};

/** For a call that ran into a limit in time while it ran. */
export function timedOutAnswer(
  call: AnsweredCall,
  error: ToolTimeoutError,
  isRepeatable: boolean,
): ToolMessage {
  const next = isRepeatable ? NEXT.repeatable : NEXT.unknown;
  return answerToThrown(
    call,
    error,
    `Error: ${error.message} This call was stopped and has no result. ${next}`,
  );
}

/** For a call that had not started when its batch ran out of time. */
export function outOfTimeAnswer(
  call: AnsweredCall,
  error: ToolTimeoutError,
): ToolMessage {
  return answerToThrown(
    call,
    error,
    `Not run: ${error.message} Make this call again in your next message if it is still needed.`,
  );
}
