import { hostOf } from "./batch/create-batch-host.js";
import { EagerStarts } from "./eager/eager-starts.js";
import { listeningModel } from "./eager/listening-model.js";
import { ConfigurationError } from "./errors/configuration-error.js";

/**
 * The same model. While it writes a message, calls of that start in the node: each as
 * soon as it is complete, under all of its limits, if its tool's policy says
 * `readOnly: true`. When the message is there, the node takes what came of them. A
 * message that comes in another form, or not at all, leaves nothing but work that was
 * done for nothing.
 *
 * It is for a graph whose node asks the model with `invoke`, such as `createReactAgent`.
 * `createAgent` needs `parallelToolsMiddleware({ eager: true })` instead.
 *
 * @param model a chat model, also with bound tools. It isn't changed for others who use
 *   it. One that doesn't stream starts nothing early
 * @param node the node that will run the calls, with the option `eager`
 * @throws ConfigurationError for wrong arguments
 * @example
 * ```ts
 * import { createReactAgent } from "@langchain/langgraph/prebuilt";
 * import { tool } from "@langchain/core/tools";
 * import { ChatOpenAI } from "@langchain/openai";
 * import { ParallelToolNode, withEager } from "parallel-tools-node";
 * import { z } from "zod";
 *
 * const search = tool(async ({ query }) => `Results for ${query}`, {
 *   name: "search",
 *   description: "Searches the web.",
 *   schema: z.object({ query: z.string() }),
 * });
 * const tools = new ParallelToolNode([search], {
 *   eager: true,
 *   policies: { search: { readOnly: true } },
 * });
 * const agent = createReactAgent({
 *   llm: withEager(new ChatOpenAI({ model: "gpt-5.4" }), tools),
 *   tools,
 * });
 * ```
 */
export function withEager<Model extends object>(
  model: Model,
  node: object,
): Model {
  const host = typeof node === "object" && node ? hostOf(node) : undefined;
  if (host === undefined) {
    throw new ConfigurationError("node", "a ParallelToolNode", node);
  }
  if (host.early === undefined) {
    const eager =
      "a node that has the option `eager: true`, which this one lacks";
    throw new ConfigurationError("node", eager, node);
  }
  const eager = new EagerStarts(host, host.early);
  const listening = listeningModel(model, eager);
  if (listening !== undefined) return listening;
  throw new ConfigurationError("model", "a chat model", model);
}
