import { RunnableBinding } from "@langchain/core/runnables";
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

function convert(tool: unknown): unknown {
  const bound = innermost(tool);
  if (typeof bound !== "object" || bound === null || !("schema" in bound)) {
    return undefined;
  }
  try {
    return toJsonSchema(bound.schema as ConvertibleSchema, {
      unrepresentable: "any",
    });
  } catch {
    return convertStandard(bound.schema);
  }
}

/** What a tool is below `.withRetry()` and `.withConfig()`. */
function innermost(tool: unknown): unknown {
  let layer = tool;
  while (layer instanceof RunnableBinding) layer = layer.bound;
  return layer;
}

/**
 * For zod schemas that hold themselves: LangChain overflows the stack on them,
 * and zod doesn't. See https://standardschema.dev/json-schema.
 */
function convertStandard(schema: unknown): unknown {
  try {
    const { jsonSchema } = (schema as StandardSchema)["~standard"];
    return jsonSchema.input({ target: "draft-07" });
  } catch {
    return undefined;
  }
}

interface StandardSchema {
  readonly "~standard": {
    readonly jsonSchema: {
      input(options: { readonly target: string }): unknown;
    };
  };
}
