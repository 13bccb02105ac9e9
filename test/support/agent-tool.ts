import { StructuredTool, tool } from "@langchain/core/tools";
import { z } from "zod";

/**
 * `"function"`: as `tool()` makes it, which sets the async context and ends with
 * its signal. `"class"`: neither.
 */
export const TOOL_KINDS = ["function", "class"] as const;
export type ToolKind = (typeof TOOL_KINDS)[number];

/** What a tool is given beside its arguments. */
export interface ToolRuntime {
  readonly signal?: AbortSignal;
  readonly config?: object;
}

const schema = z.looseObject({});

/** A tool that takes any arguments and does this. */
export function toolThat(
  kind: ToolKind,
  name: string,
  act: (runtime: ToolRuntime) => Promise<string>,
): StructuredTool {
  const description = name;
  if (kind === "function") {
    return tool((_, runtime) => act(runtime), { name, description, schema });
  }
  return new (class extends StructuredTool {
    readonly name = name;
    readonly description = description;
    readonly schema = schema;
    protected override _call(_: unknown, _manager: unknown, config: unknown) {
      return act(config as ToolRuntime) as Promise<never>;
    }
  })();
}
