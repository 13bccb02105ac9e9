import { toJsonSchema } from "@langchain/core/utils/json_schema";
import type { ExecutableTool } from "./run-tool.js";
import { toolLayers } from "./tool-layers.js";

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
  const schema = schemaIn(tool);
  if (schema === undefined) return undefined;
  try {
    return toJsonSchema(schema as ConvertibleSchema, {
      unrepresentable: "any",
    });
  } catch {
    return convertStandard(schema);
  }
}

/** The schema of a tool: its own, or that of the tool that it was made from. */
function schemaIn(tool: unknown): unknown {
  for (const layer of toolLayers(tool)) {
    const schema = (layer as { readonly schema?: unknown } | undefined)?.schema;
    if (schema !== undefined) return schema;
  }
  return undefined;
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
