import type { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  deferred,
  limitsFailed,
  type NamedCall,
  tooManyCalls,
  waitedForAbsent,
  waitedForFailed,
} from "../answers/not-run.js";
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
    const text = isAbsent ? waitedForAbsent(failed) : waitedForFailed(failed);
    return failureAnswer(call, text);
  }
  if (status === "deferred" && replan) {
    return failureAnswer(call, deferred(replan));
  }
  return status === "error"
    ? failureAnswer(call, tooManyCalls(ordinal, maxCalls))
    : undefined;
}

/** For a call whose limits can't be read, which is no fault of the call. */
export function limitsFailedAnswer(
  call: AnsweredCall,
  error: unknown,
): ToolMessage {
  const problem = error instanceof Error ? error.message : describeValue(error);
  return failureAnswer(call, limitsFailed(problem));
}
