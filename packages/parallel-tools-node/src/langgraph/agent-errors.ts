/**
 * The host's secret: how `createAgent` marks its own errors. It sets the field
 * `~brand`. The value is "ToolInvocationError" if the schema of a tool refused
 * the arguments, and "MiddlewareError" if a middleware threw the error.
 *
 * Read in langchain 1.5.8 and 1.5.14 (`agents/errors`).
 */
type AgentErrorBrand = "ToolInvocationError" | "MiddlewareError";

/** Whether an error says that the schema of a tool has refused its arguments. */
export function isToolInvocationError(error: unknown): boolean {
  return hasBrand(error, "ToolInvocationError");
}

/** Whether a middleware has thrown an error, and not a tool. */
export function isMiddlewareError(error: unknown): boolean {
  return hasBrand(error, "MiddlewareError");
}

function hasBrand(error: unknown, brand: AgentErrorBrand): boolean {
  if (typeof error !== "object" || error === null) return false;
  try {
    return (error as Record<string, unknown>)["~brand"] === brand;
  } catch {
    return false; // The error has a getter that throws.
  }
}
