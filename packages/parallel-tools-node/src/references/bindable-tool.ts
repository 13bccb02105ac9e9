import {
  isOpenAITool,
  type ToolDefinition,
} from "@langchain/core/language_models/base";
import type { BindToolsInput } from "@langchain/core/language_models/chat_models";
import type { StructuredToolParams } from "@langchain/core/tools";
import { isLangChainTool } from "@langchain/core/utils/function_calling";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import { ConfigurationError } from "../errors/configuration-error.js";
import { isSchemaObject, type JsonSchema } from "./schema-keywords.js";

/** A tool, as a model sees it. */
export interface BindableTool {
  readonly name: string;
  /** The JSON schema that LangChain sends for it. */
  readonly parameters: JsonSchema;
  /** The definition with other parameters; the tool is not changed. */
  readonly withParameters: (parameters: JsonSchema) => BindToolsInput;
}

/**
 * Reads a tool in a form that `bindTools` takes: a LangChain tool or a function
 * definition as OpenAI has it.
 *
 * @returns `undefined` for a tool without parameters that a node would see: one
 *   that the provider runs, a free-form tool, a form of a single provider
 * @throws ConfigurationError for a schema that LangChain can't turn into JSON
 *   schema: one that holds itself, or a type that JSON doesn't have
 */
export function readBindableTool(tool: unknown): BindableTool | undefined {
  if (typeof tool !== "object" || tool === null) return undefined;
  if (isOpenAITool(tool)) return readDefinition(tool);
  if (isRunByProvider(tool) || !isLangChainTool(tool)) return undefined;
  return readLangChainTool(tool);
}

function readDefinition(tool: ToolDefinition): BindableTool | undefined {
  const { name, parameters } = tool.function;
  if (!isSchemaObject(parameters)) return undefined;
  return {
    name,
    parameters,
    withParameters: (widened) => ({
      ...tool,
      function: { ...tool.function, parameters: { ...widened } },
    }),
  };
}

function readLangChainTool(
  tool: StructuredToolParams,
): BindableTool | undefined {
  const { name, description, schema, extras } = tool;
  const parameters = convertSchema(name, schema);
  // LangChain takes a runnable with a name for a tool, also without a schema.
  if (!isSchemaObject(parameters)) return undefined;
  return {
    name,
    parameters,
    withParameters: (widened) => ({
      name,
      ...(description !== undefined && { description }),
      // LangChain recognizes a tool by the type of its schema.
      schema: { ...widened, type: "object" },
      ...(extras !== undefined && { extras }),
    }),
  };
}

function convertSchema(
  toolName: string,
  schema: StructuredToolParams["schema"],
): unknown {
  try {
    return toJsonSchema(schema);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(
      `tools.${toolName}.schema`,
      `a schema that LangChain can convert for a model: a JSON schema, or a zod schema that neither holds itself nor has types that JSON lacks (LangChain's error: ${reason})`,
      schema,
    );
  }
}

/** A provider runs the tool: by the marks of LangChain's provider packages. */
function isRunByProvider(tool: object): boolean {
  const { type, extras, metadata } = tool as Record<string, unknown>;
  return (
    (type !== undefined && type !== "function") ||
    (isSchemaObject(extras) &&
      isSchemaObject(extras["providerToolDefinition"])) ||
    (isSchemaObject(metadata) && isSchemaObject(metadata["customTool"]))
  );
}
