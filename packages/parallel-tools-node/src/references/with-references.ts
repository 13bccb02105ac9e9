import type { BindToolsInput } from "@langchain/core/language_models/chat_models";
import { ConfigurationError } from "../errors/configuration-error.js";
import type { PolicyOptions } from "../policy/policy-book.js";
import { readBindableTool } from "./bindable-tool.js";
import { widenSchema } from "./widen-schema.js";

/**
 * Tools for `bindTools` whose parameters accept references to the outputs of
 * earlier calls, e.g. `"$1.items[0].id"` where a number is expected. Under a
 * strict schema a model couldn't write one otherwise. The tools themselves keep
 * their schemas, and the node resolves references before those are checked: bind
 * the result to the model, and give the tools themselves to the node.
 *
 * LangChain tools (zod 3, zod 4 or JSON schema) come back as plain LangChain
 * definitions, which can't be run by mistake; OpenAI function definitions come
 * back as such. Everything else, and tools whose policy says
 * `references: false`, are returned as they are.
 *
 * A strict schema stays within the rules of OpenAI
 * (https://developers.openai.com/api/docs/guides/structured-outputs). Anthropic's
 * strict mode takes at most 16 parameters with `anyOf`, and each widened
 * parameter is one: don't use strict mode there, or say `references: false` for
 * tools that need none.
 *
 * `createReactAgent` binds the node's own tools to a model that doesn't show it
 * that tools are bound, such as `ChatOpenAI`. Give it the bound model as a
 * function: `createReactAgent({ llm: () => bound, tools: node })`.
 *
 * @param tools what `bindTools` takes; it is not changed
 * @param options of the node; only `references` of `policies` and
 *   `defaultPolicy` is read
 * @throws ConfigurationError if `tools` is no array, or for a tool whose schema
 *   LangChain can't convert to JSON schema, so that it can't be bound either
 * @example
 * ```ts
 * import { tool } from "@langchain/core/tools";
 * import { ChatOpenAI } from "@langchain/openai";
 * import { ParallelToolNode, withReferences } from "parallel-tools-node";
 * import { z } from "zod";
 *
 * const refund = tool(({ cents }) => `Refunded ${cents}`, {
 *   name: "refund",
 *   description: "Refunds an amount.",
 *   schema: z.object({ cents: z.number().int() }),
 * });
 *
 * const node = new ParallelToolNode([refund], { references: true });
 * const model = new ChatOpenAI({ model: "gpt-5.4", apiKey: "..." }).bindTools(
 *   withReferences([refund]),
 *   { strict: true },
 * );
 * ```
 */
export function withReferences(
  tools: readonly BindToolsInput[],
  options: PolicyOptions = {},
): BindToolsInput[] {
  if (!Array.isArray(tools)) {
    throw new ConfigurationError("tools", "an array of tools", tools);
  }
  return tools.map((tool: BindToolsInput) => {
    const bindable = readBindableTool(tool);
    // The form is kept: some providers refuse a list of several forms, and
    // OpenAI's has no room for `extras`, such as Anthropic's `cache_control`.
    return bindable === undefined || refusesReferences(bindable.name, options)
      ? tool
      : bindable.withParameters(widenSchema(bindable.parameters));
  });
}

/**
 * Whether a tool's policy says `references: false`; its own policy wins over the
 * default. Nothing is validated here: the node does that.
 */
export function refusesReferences(
  name: string,
  { policies = {}, defaultPolicy }: PolicyOptions,
): boolean {
  return (policies[name]?.references ?? defaultPolicy?.references) === false;
}
