import { describeValue } from "../errors/describe-value.js";

/** What the stock node says of an error that a tool threw, word for word. */
export function toolFailed(problem: string): string {
  return `${errorLine(problem)}\n Please fix your mistakes.`;
}

/** The same without the advice, for answers that have advice of their own. */
export function errorLine(problem: string): string {
  return `Error: ${problem}`;
}

/** What `createAgent` without middleware says of such an error, word for word. */
export function agentToolFailed(error: string): string {
  return `${error}\n Please fix your mistakes.`;
}

/** The problem of a call whose tool does not exist, in the stock node's words. */
export function unknownTool(name: string): string {
  return `Tool "${name}" not found.`;
}

/**
 * The problem that a tool's error stands for. The stock node reads `message` of
 * whatever was thrown, and says nothing where there is none.
 */
export function problemOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  const message = (thrown as { message?: unknown } | null | undefined)?.message;
  if (message !== undefined) return String(message);
  return `the tool threw ${describeValue(thrown)}`;
}
