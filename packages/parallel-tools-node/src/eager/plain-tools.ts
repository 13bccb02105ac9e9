import {
  DynamicStructuredTool,
  DynamicTool,
  StructuredTool,
  Tool,
} from "@langchain/core/tools";

type Method = (...args: unknown[]) => unknown;

/** A tool whose `invoke` is LangChain's own, around a `_call` of its own. */
export interface PlainTool {
  readonly name: string;
  invoke(input: unknown, config: unknown): Promise<unknown>;
  _call: Method;
}

/** Ways in which LangChain runs a tool: each calls `_call` once. */
const CALLS: readonly unknown[] = [
  StructuredTool,
  Tool,
  DynamicStructuredTool,
  DynamicTool,
].map(({ prototype }) => prototype.call);

/**
 * Whether a tool runs as LangChain's tools do. Only of these is it known what `invoke`
 * does before and after the tool's own code, so that another may stand in for that.
 */
export function isPlainTool(tool: unknown): tool is PlainTool {
  const { invoke, call, _call } = (tool ?? {}) as Partial<
    Record<"invoke" | "call" | "_call", unknown>
  >;
  return (
    invoke === StructuredTool.prototype.invoke &&
    CALLS.includes(call) &&
    typeof _call === "function"
  );
}

/** The same tool with other code of its own. */
export function withCode(tool: PlainTool, code: Method): PlainTool {
  return Object.create(tool, {
    _call: { value: code },
  }) as PlainTool;
}
