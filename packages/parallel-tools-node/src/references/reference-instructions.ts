import type { BindToolsInput } from "@langchain/core/language_models/chat_models";
import { ConfigurationError } from "../errors/configuration-error.js";
import type { PolicyOptions } from "../policy/policy-book.js";
import { readBindableTool } from "./bindable-tool.js";
import { referenceExamples } from "./reference-examples.js";
import { refusesReferences } from "./with-references.js";

/** Options of {@link referenceInstructions}. */
export interface ReferenceInstructionsOptions extends PolicyOptions {
  /** The tools that the model may call, in any form that `bindTools` takes. */
  tools: readonly BindToolsInput[];
  /**
   * Teaches references within a longer text, too. The node replaces those only
   * with `references: { embedded: true }`.
   *
   * @default false
   */
  embedded?: boolean;
}

/**
 * The part of a system prompt that teaches a model references: how to write
 * one, when, and when not. It is Markdown of under 100 words, the same text for
 * the same tools: about 115 tokens (o200k_base) where names are short, and 25
 * more with `embedded`. The two examples use the tools' own names and
 * parameters, but not those of tools whose policy says `references: false`.
 *
 * @param options may hold other options of the node, too; of `policies` and
 *   `defaultPolicy` only `references` is read
 * @throws ConfigurationError if `tools` is no array, or for a tool whose schema
 *   LangChain can't convert to JSON schema
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
  // The model reads these words in every turn, so they are few.
  const inTexts =
    embedded === true
      ? " Within a longer text: `Order ${1.id} is ready`; `$${1}` is a plain `${1}`."
      : "";
  return [
    "## References between calls",
    "",
    `Put a call that needs only an earlier one's data into the same message: in place of a whole value of any type write \`$N\`, the output of the message's call N (from 1), or \`$N.path\`, a part of it, such as \`$1.items[0].id\`.${inTexts} Wait instead where a result may change your plan.`,
    "",
    ...examples.map((example) => `- ${example}`),
  ].join("\n");
}
