import type { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import { duration } from "./duration.js";

/** The call ran into a limit in time while it ran. */
export function stopped(
  { timeoutMs, toolName }: ToolTimeoutError,
  isRepeatable: boolean,
): string {
  const late = toolName ?? "the calls of this message";
  const next = isRepeatable
    ? "Ask it for less, make this call again later, or go on without it."
    : "It may have taken effect all the same: find out before you make this call again.";
  return `Error: ${late} did not finish within ${duration(timeoutMs)}, so this call was stopped and has no result. ${next}`;
}
