/**
 * The brands by which `createAgent` knows its own errors. Read in `langchain`
 * 1.5.14, `agents/errors`: the field `~brand`, which is "ToolInvocationError" on
 * what arguments become that a tool's schema has refused, and "MiddlewareError"
 * on what a middleware has thrown.
 */
type AgentErrorBrand = "ToolInvocationError" | "MiddlewareError";

/** The brand of an error, if it is one of the agent's. Never throws. */
export function agentErrorBrand(error: unknown): AgentErrorBrand | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  try {
    const brand = (error as Record<string, unknown>)["~brand"];
    return brand === "ToolInvocationError" || brand === "MiddlewareError"
      ? brand
      : undefined;
  } catch {
    return undefined; // A getter of the tool's has thrown.
  }
}
