/** The part of a LangChain tool that a policy looks at. */
export interface NamedTool {
  readonly name: string;
  /** `@langchain/mcp-adapters` puts the server's hints under `metadata.annotations`. */
  readonly metadata?: Record<string, unknown> | undefined;
}

/**
 * What a tool from an MCP server says of itself: `readOnlyHint` and
 * `idempotentHint` (MCP 2025-06-18, "Tool annotations"). Defaults only; a hint
 * that is not a boolean is no hint, since servers are not trusted.
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
