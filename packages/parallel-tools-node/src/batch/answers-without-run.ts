import { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { describeValue } from "../errors/describe-value.js";

/**
 * Answers for calls that were not run. The model reads them, so each says what
 * happened and what to do next. Their status is `"error"`: an application that
 * looks at nothing else must not take such a call for done.
 */
function notRun(call: ToolCall, text: string): ToolMessage {
  return new ToolMessage({
    status: "error",
    content: text,
    name: call.name,
    tool_call_id: call.id ?? "",
  });
}

/** For a call that waited, by way of others perhaps, for one that failed. */
export function skippedAnswer(
  call: ToolCall,
  failed: { ordinal: number; name: string },
): ToolMessage {
  return notRun(
    call,
    `Not run: this call had to wait for call ${failed.ordinal} (${failed.name}), which failed. Deal with that failure first, then make this call again if it is still needed.`,
  );
}

/** For a call that waited for one which never came to be run beside it. */
export function absentAnswer(
  call: ToolCall,
  absent: { ordinal: number; name: string },
): ToolMessage {
  return notRun(
    call,
    `Not run: this call had to wait for call ${absent.ordinal} (${absent.name}), which was not run beside it. Make this call again in your next message if it is still needed.`,
  );
}

/** For a call that stands behind one whose result may change the plan. */
export function deferredAnswer(
  call: ToolCall,
  replan: { ordinal: number; name: string },
): ToolMessage {
  return notRun(
    call,
    `Not run yet: call ${replan.ordinal} (${replan.name}) comes first, and its result may change what is needed. Look at that result, then make this call again if you still want it.`,
  );
}

/** For a call beyond `maxCalls`. */
export function tooManyCallsAnswer(
  call: ToolCall,
  ordinal: number,
  maxCalls: number,
): ToolMessage {
  return notRun(
    call,
    `Not run: at most ${maxCalls} tool calls are run per message and this was number ${ordinal}. Make this call again in your next message if it is still needed.`,
  );
}

/** For a call whose limits can't be had, which is no fault of the call. */
export function limitsFailedAnswer(
  call: ToolCall,
  error: unknown,
): ToolMessage {
  const reason = error instanceof Error ? error.message : describeValue(error);
  return notRun(call, `Error: ${reason}`);
}
