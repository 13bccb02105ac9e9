import { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { isCommand } from "@langchain/langgraph";
import { couldNotStart } from "../answers/could-not-start.js";
import { onlyFromCode } from "../answers/from-code.js";
import {
  deferred,
  type NamedCall,
  outOfTime,
  tooDeep,
  tooManyCalls,
  waitedForAbsent,
  waitedForFailed,
} from "../answers/not-run.js";
import { refused, stopped } from "../answers/no-result.js";
import { errorLine, problemOf } from "../answers/tool-failed.js";
import { PolicyFunctionError } from "../errors/policy-function-error.js";
import type { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import { UnresolvedReferenceError } from "../errors/unresolved-reference-error.js";
import type { Outcome } from "../schedule/outcome.js";
import type { InsideRules } from "../scope/call-scope.js";
import type { Refusal } from "./call-attempts.js";
import {
  type Answer,
  type AnsweredCall,
  answerToThrown,
  asOwnText,
  type ExecutableTool,
  failureAnswer,
  failureBehind,
} from "./run-tool.js";

/*
 * Answers to calls that failed or were not run. Their status is `"error"`, so that
 * an application that only checks the status doesn't take such a call for done.
 */

/**
 * The id and name for the answer to a call that was not run. If its tool is
 * `returnDirect`, the name is left out: `createReactAgent` would end the agent
 * because of it, whatever the answer says.
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

/** Facts for the texts of calls that were not run. */
interface UnrunDetails {
  readonly ordinal: number;
  readonly name: string;
  readonly maxCalls: number;
  readonly rules: Pick<InsideRules, "depth" | "maxDepth">;
  /** For `skipped`: the call that failed or never arrived. */
  readonly failed: NamedCall | undefined;
  /** For `deferred`: the call with the policy `"replan"`. */
  readonly replan: NamedCall | undefined;
}

/** The answer to a call that was not run; `undefined`: it has to throw. */
export function answerWithoutRun(
  call: AnsweredCall,
  { status, isAbsent }: Outcome<unknown>,
  { ordinal, name, maxCalls, rules, failed, replan }: UnrunDetails,
): ToolMessage | undefined {
  switch (status) {
    case "skipped": {
      if (failed === undefined) return undefined;
      const text = isAbsent ? waitedForAbsent(failed) : waitedForFailed(failed);
      return failureAnswer(call, text);
    }
    case "deferred":
      return replan && failureAnswer(call, deferred(replan));
    case "refused":
      return failureAnswer(
        call,
        refusal(ordinal, maxCalls, rules) ?? onlyFromCode(name),
      );
    case "ok":
    case "error":
    case "interrupted":
    case "aborted":
      return undefined;
  }
}

/** Why a call is beyond a limit. `undefined`: it isn't. */
function refusal(
  ordinal: number,
  maxCalls: number,
  { depth, maxDepth }: UnrunDetails["rules"],
): string | undefined {
  if (depth > maxDepth) return tooDeep(depth, maxDepth);
  return ordinal > maxCalls ? tooManyCalls(ordinal, maxCalls) : undefined;
}

/**
 * For a call that could not start.
 *
 * @param hasRun it was run before, failed, and was to be run again
 */
export function unstartedAnswer(
  call: AnsweredCall,
  error: unknown,
  hasRun: boolean,
): ToolMessage {
  const text = couldNotStart(error, hasRun);
  // A tracer is told of errors of the call, and not of errors of its limits.
  const isErrorOfCall =
    PolicyFunctionError.isInstance(error) ||
    UnresolvedReferenceError.isInstance(error);
  return asOwnText(
    isErrorOfCall
      ? answerToThrown(call, error, text)
      : failureAnswer(call, text),
  );
}

/**
 * An answer that lists valid references without those to calls that have turned
 * out to have no output.
 */
export function withValidReferences(
  answer: Answer,
  hasOutput: (index: number) => boolean,
): Answer {
  if (isCommand(answer) || answer.status !== "error") return answer;
  const { error } = failureBehind(answer);
  if (!UnresolvedReferenceError.isInstance(error)) return answer;
  const { reference, problem, valid, advice, cause } = error;
  const stillValid = valid.filter((text) => {
    const [, ordinal] = /^\$(\d+) \(/.exec(text) ?? [];
    return ordinal === undefined || hasOutput(Number(ordinal) - 1);
  });
  if (stillValid.length === valid.length) return answer;
  const { tool_call_id: id, name } = answer;
  return unstartedAnswer(
    { id, ...(name !== undefined && { name }) },
    new UnresolvedReferenceError(reference, problem, stillValid, advice, cause),
    false,
  );
}

/** For a call that ran when its time limit, or that of its batch, was reached. */
export function timedOutAnswer(
  call: AnsweredCall,
  error: ToolTimeoutError,
  isRepeatable: boolean,
): ToolMessage {
  return asOwnText(answerToThrown(call, error, stopped(error, isRepeatable)));
}

/** For a call that had not started when its batch ran out of time. */
export function outOfTimeAnswer(
  call: AnsweredCall,
  error: ToolTimeoutError,
): ToolMessage {
  return asOwnText(answerToThrown(call, error, outOfTime(error)));
}

/**
 * For a call that its server refused and would refuse again for now.
 *
 * @param answer the answer without regard to the refusal
 */
export function refusedAnswer(
  call: ToolCall,
  answer: ToolMessage,
  attempts: number,
  refusal: Refusal,
): ToolMessage {
  const { error, wasThrown } = failureBehind(answer);
  const failure = wasThrown ? errorLine(problemOf(error)) : answer.text;
  return new ToolMessage({
    status: "error",
    content: refused({ failure, attempts, ...refusal }),
    artifact: answer.artifact,
    name: call.name,
    tool_call_id: call.id ?? "",
  });
}
