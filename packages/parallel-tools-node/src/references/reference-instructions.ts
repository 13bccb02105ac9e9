import type { BindToolsInput } from "@langchain/core/language_models/chat_models";
import { readBindableTool } from "./bindable-tool.js";
import { ConfigurationError } from "../errors/configuration-error.js";
import type { PolicyOptions } from "../policy/policy-book.js";
import { referenceExamples } from "./reference-examples.js";
import { refusesReferences } from "./reference-policies.js";

/** Options of {@link referenceInstructions}. */
export interface ReferenceInstructionsOptions extends PolicyOptions {
  /** The tools that the model may call, in any form that `bindTools` takes. */
  tools: readonly BindToolsInput[];
  /**
   * Teaches references within a longer text, too. As the node's
   * `references: { embedded: true }`, without which they stay plain text.
   *
   * @default false
   */
  embedded?: boolean;
}

/**
 * The part of a system prompt that teaches a model references: how to write
 * one, when, and when not. Under 200 words, in Markdown, the same text for the
 * same tools. The examples use the tools' own names and parameters; tools whose
 * policy says `references: false` get none.
 *
 * @param options those of the node may be among them; of `policies` and
 *   `defaultPolicy` only `references` is read
 * @throws ConfigurationError if `tools` is no array
 * @example
 * ```ts
 * import { SystemMessage } from "@langchain/core/messages";
 * import { tool } from "@langchain/core/tools";
 * import { referenceInstructions } from "parallel-tools-node";
 * import { z } from "zod";
 *
 * const search = tool(async ({ query }) => [{ id: query.length }], {
 *   name: "search",
 *   description: "Searches for orders.",
 *   schema: z.object({ query: z.string() }),
 * });
 * const cancel = tool(async ({ id }) => ({ cancelled: id }), {
 *   name: "cancel",
 *   description: "Cancels an order.",
 *   schema: z.object({ id: z.number() }),
 * });
 *
 * const prompt = new SystemMessage(
 *   `You run a shop.\n\n${referenceInstructions({ tools: [search, cancel] })}`,
 * );
 * ```
 */
export function referenceInstructions(
  options: ReferenceInstructionsOptions,
): string {
  const { tools, embedded } = options;
  if (!Array.isArray(tools)) {
    throw new ConfigurationError("tools", "an array of tools", tools);
  }
  const bindable = tools
    .map((tool: BindToolsInput) => readBindableTool(tool))
    .filter((tool) => tool !== undefined);
  const examples = referenceExamples(
    bindable,
    bindable.filter(({ name }) => !refusesReferences(name, options)),
  );
  return [
    "## References between tool calls",
    "",
    "An argument may refer to the output of an earlier call of the same message, so that both can be asked for at once.",
    "",
    "- `$N` is the output of the N-th tool call of the message, counted from 1. `$N.path` is a part of it: `$1.name`, `$1.items[0].id`. `${N.path}` and `$N.output.path` mean the same.",
    "- The reference is the argument's whole string, in place of a value of any type; what it stands for keeps its type.",
    "- Only earlier calls of the same message: never the call itself, a later one or another message.",
    ...(embedded === true
      ? [
          '- Within a longer text, write braces: `"Order ${1.id} is ready"`. `$${` is a plain `${`.',
        ]
      : []),
    "- Use one when a later call needs only data of an earlier one. When the result may change what to do next, wait for it and make the other call in a later turn.",
    "",
    "Examples:",
    ...examples.map((example) => `- ${example}`),
  ].join("\n");
}
