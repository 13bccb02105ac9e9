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
  return (
    isControlFlow(error) ||
    attempt(() => error instanceof ToolInputParsingException) === true ||
    // `createAgent` wraps the exception above in this one.
    isToolInvocationError(error) ||
    readField(error, "name") === "AbortError"
  );
}

/**
 * Whether an error is worth another attempt if the policy has no `retryOn`.
 * LangGraph decides the same for nodes (`DEFAULT_RETRY_ON_HANDLER` in
 * `pregel/retry`). Errors that LangChain marked as not retryable never are.
 */
export function isRetryable(error: unknown): boolean {
  if (attempt(() => getRetryable(error)) === false) return false;
  const message = readField(error, "message");
  if (typeof message === "string" && /^(?:Cancel|AbortError)/.test(message)) {
    return false;
  }
  if (readField(error, "name") === "GraphValueError") return false;
  if (readField(error, "code") === "ECONNABORTED") return false;
  const status =
    readField(readField(error, "response"), "status") ??
    readField(error, "status");
  if (WRONG_REQUEST.has(Number(status))) return false;
  const reason = readField(readField(error, "error"), "code");
  return reason !== "insufficient_quota";
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
