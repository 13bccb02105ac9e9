import type { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { Outcome } from "../schedule/outcome.js";
import { describeValue } from "../errors/describe-value.js";
import {
  type AnsweredCall,
  type ExecutableTool,
  failureAnswer,
} from "./run-tool.js";

/*
 * Answers for calls that were not run. The model reads them, so each says what
 * happened and what to do next. Their status is `"error"`: an application that
 * looks at nothing else must not take such a call for done.
 */

/**
 * A call that was not run, as its answer names it: not at all, where the tool is
 * `returnDirect`. By the name in an answer, whatever it says, `createReactAgent`
 * ends an agent.
 */
export function asUnrun(
  call: ToolCall,
  tools: readonly ExecutableTool[],
): AnsweredCall {
  const { id, name } = call;
  const tool = tools.find((candidate) => candidate.name === name);
  const isDirect = tool && "returnDirect" in tool && tool.returnDirect;
  return isDirect ? { ...(id !== undefined && { id }) } : call;
}

/** A call as an answer names it. */
interface NamedCall {
  readonly ordinal: number;
  readonly name: string;
}

/** What an answer may have to tell. */
interface About {
  readonly ordinal: number;
  readonly maxCalls: number;
  /** Which call failed, or never came. */
  readonly failed: NamedCall | undefined;
  /** Which call may change the plan. */
  readonly replan: NamedCall | undefined;
}

/** The answer to a call that was not run; `undefined` after an abort. */
export function answerWithoutRun(
  call: AnsweredCall,
  { status, isAbsent }: Outcome<unknown>,
  { ordinal, maxCalls, failed, replan }: About,
): ToolMessage | undefined {
  if (status === "skipped" && failed) {
    return (isAbsent ? absentAnswer : skippedAnswer)(call, failed);
  }
  if (status === "deferred" && replan) return deferredAnswer(call, replan);
  return status === "error"
    ? tooManyCallsAnswer(call, ordinal, maxCalls)
    : undefined;
}

/** For a call that waited, by way of others perhaps, for one that failed. */
function skippedAnswer(call: AnsweredCall, failed: NamedCall): ToolMessage {
  return failureAnswer(
    call,
    `Not run: this call had to wait for call ${failed.ordinal} (${failed.name}), which failed. Deal with that failure first, then make this call again if it is still needed.`,
  );
}

/** For a call that waited for one which never came to be run beside it. */
function absentAnswer(call: AnsweredCall, absent: NamedCall): ToolMessage {
  return failureAnswer(
    call,
    `Not run: this call had to wait for call ${absent.ordinal} (${absent.name}), which was not run beside it. Make this call again in your next message if it is still needed.`,
  );
}

/** For a call that stands behind one whose result may change the plan. */
function deferredAnswer(call: AnsweredCall, replan: NamedCall): ToolMessage {
  return failureAnswer(
    call,
    `Not run yet: call ${replan.ordinal} (${replan.name}) comes first, and its result may change what is needed. Look at that result, then make this call again if you still want it.`,
  );
}

/** For a call beyond `maxCalls`. */
function tooManyCallsAnswer(
  call: AnsweredCall,
  ordinal: number,
  maxCalls: number,
): ToolMessage {
  return failureAnswer(
    call,
    `Not run: at most ${maxCalls} tool calls are run per message and this was number ${ordinal}. Make this call again in your next message if it is still needed.`,
  );
}

/** For a call whose limits can't be had, which is no fault of the call. */
export function limitsFailedAnswer(
  call: AnsweredCall,
  error: unknown,
): ToolMessage {
  const reason = error instanceof Error ? error.message : describeValue(error);
  return failureAnswer(call, `Error: ${reason}`);
}
