/**
 * The brands by which `createAgent` knows its own errors. Read in `langchain`
 * 1.5.14, `agents/errors`: the field `~brand`, which is "ToolInvocationError" on
 * what arguments become that a tool's schema has refused, and "MiddlewareError"
 * on what a middleware has thrown.
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
    return false; // A getter of the tool's has thrown.
  }
}
