import { toJsonSchema } from "@langchain/core/utils/json_schema";
import type { ExecutableTool } from "./run-tool.js";

type ConvertibleSchema = Parameters<typeof toJsonSchema>[0];

/** By tool: the schemas that LangChain converts are not kept by it. */
const schemas = new WeakMap<object, unknown>();

/**
 * The JSON schema of a tool's arguments, in which parts that JSON schema has no
 * words for take anything.
 *
 * @returns `undefined` if there is none, or LangChain can't convert it
 */
export function parameterSchemaOf(
  tools: readonly ExecutableTool[],
  toolName: string,
): unknown {
  const tool = tools.find(({ name }) => name === toolName);
  if (tool === undefined) return undefined;
  if (!schemas.has(tool)) schemas.set(tool, convert(tool));
  return schemas.get(tool);
}

function convert(tool: ExecutableTool): unknown {
  if (!("schema" in tool)) return undefined;
  try {
    return toJsonSchema(tool.schema as ConvertibleSchema, {
      unrepresentable: "any",
    });
  } catch {
    return undefined;
  }
}
