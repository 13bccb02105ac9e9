/** The part of a LangChain tool that a policy looks at. */
export interface NamedTool {
  readonly name: string;
  /** `@langchain/mcp-adapters` puts the server's hints under `metadata.annotations`. */
  readonly metadata?: Record<string, unknown> | undefined;
}

/**
 * Reads what an MCP server says of a tool: `readOnlyHint` and `idempotentHint`
 * (MCP 2025-06-18, "Tool annotations"). These are defaults of policies only, so for
 * a tool without a policy they mean nothing. Servers aren't trusted, so a hint that
 * is not a boolean is left out.
 */
export function readMcpAnnotations(tool: object): {
  readOnly?: boolean;
  idempotent?: boolean;
} {
  const { metadata } = tool as Partial<NamedTool>;
  const annotations = metadata?.["annotations"];
  if (typeof annotations !== "object" || annotations === null) return {};
  const { readOnlyHint, idempotentHint } = annotations as Record<
    string,
    unknown
  >;
  return {
    ...(typeof readOnlyHint === "boolean" && { readOnly: readOnlyHint }),
    ...(typeof idempotentHint === "boolean" && { idempotent: idempotentHint }),
  };
}
