import { getRetryable } from "@langchain/core/errors";
import { ToolInputParsingException } from "@langchain/core/tools";
import { isToolInvocationError } from "../langgraph/agent-errors.js";
import { attempt, readField } from "../limits/feedback/attempt.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import { isControlFlow } from "./control-flow.js";

/** Statuses for a wrong request, which would be as wrong the next time. */
const WRONG_REQUEST = new Set([400, 401, 402, 403, 404, 405, 406, 407, 409]);

/** Whether a call that failed with this error is never run again. */
export function isFinal(error: unknown): boolean {
  return isUnsent(error) || readField(error, "name") === "AbortError";
}

/** Whether the tool has asked nothing of its resource: it didn't begin, or waits. */
export function isUnsent(error: unknown): boolean {
  return (
    isControlFlow(error) ||
    attempt(() => error instanceof ToolInputParsingException) === true ||
    // `createAgent` wraps the exception above in this one.
    isToolInvocationError(error)
  );
}

/**
 * Whether an error is worth another attempt if the policy has no `retryOn`.
 * LangGraph decides the same for nodes (`DEFAULT_RETRY_ON_HANDLER` in
 * `pregel/retry`). Errors that LangChain marked as not retryable never are.
 */
export function isRetryable(error: unknown): boolean {
  const message = readField(error, "message");
  if (typeof message === "string" && /^(?:Cancel|AbortError)/.test(message)) {
    return false;
  }
  return readField(error, "code") !== "ECONNABORTED" && !isAnswer(error);
}

/**
 * Whether an error is what its sender has to say to the request. Of the errors that
 * are not retryable these are all but those that were given up on the way.
 */
export function isAnswer(error: unknown): boolean {
  if (attempt(() => getRetryable(error)) === false) return true;
  if (readField(error, "name") === "GraphValueError") return true;
  if (isWrongRequest(statusIn(error))) return true;
  const reason = readField(readField(error, "error"), "code");
  return reason === "insufficient_quota";
}

/** The HTTP status that an error has, or its response. */
export function statusIn(error: unknown): unknown {
  return (
    readField(readField(error, "response"), "status") ??
    readField(error, "status")
  );
}

/** Whether a status says that the request was wrong. */
export function isWrongRequest(status: unknown): boolean {
  return WRONG_REQUEST.has(Number(status));
}

/** Whether the policy lets a failed call run again. */
export function mayRunAgain(policy: ResolvedPolicy): boolean {
  const { retry } = policy;
  return retry === undefined ? isRepeatable(policy) : retry !== false;
}

/** Whether the policy says that running a call twice does no harm. */
export function isRepeatable(policy: ResolvedPolicy): boolean {
  return policy.readOnly || policy.idempotent;
}
