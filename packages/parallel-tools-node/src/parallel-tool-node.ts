import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { ToolNode, type ToolNodeOptions } from "@langchain/langgraph/prebuilt";
import type { BatchHost, RunTool } from "./batch/batch-host.js";
import type { BatchOptions } from "./batch/batch-options.js";
import { BATCH_OPTIONS, createBatchHost } from "./batch/create-batch-host.js";
import { Durability } from "./batch/durability.js";
import { isSendInput } from "./batch/read-batch.js";
import { runBatch } from "./batch/run-batch.js";
import { runDurableBatch } from "./batch/run-durable-batch.js";
import { runSentCall } from "./batch/run-sent-call.js";
import { type Answer, type ExecutableTool, runTool } from "./batch/run-tool.js";
import { SiblingRegistry } from "./batch/sibling-registry.js";
import { readFields } from "./policy/read-fields.js";

/** Options of {@link ParallelToolNode}. Without any it behaves as the stock node. */
export interface ParallelToolNodeOptions
  extends ToolNodeOptions,
    BatchOptions {}

const OPTIONS = [
  "name",
  "tags",
  "handleToolErrors",
  ...BATCH_OPTIONS,
] as const satisfies readonly (keyof ParallelToolNodeOptions)[];

/**
 * A drop-in replacement for the prebuilt `ToolNode` of `@langchain/langgraph`.
 * It plans the tool calls of a message, starts each one as soon as what it
 * depends on and its limits allow, and answers them in the order in which the
 * model asked.
 *
 * @throws ConfigurationError from the constructor, for options that are not
 *   what they have to be
 * @example
 * ```ts
 * import { tool } from "@langchain/core/tools";
 * import { ParallelToolNode } from "parallel-tools-node";
 * import { z } from "zod";
 *
 * const search = tool(async ({ query }) => `Results for ${query}`, {
 *   name: "search",
 *   description: "Searches the web.",
 *   schema: z.object({ query: z.string() }),
 * });
 *
 * const tools = new ParallelToolNode([search], {
 *   policies: { search: { concurrency: 4 } },
 * });
 * ```
 */
// oxlint-disable-next-line no-explicit-any -- the stock node's own default
export class ParallelToolNode<T = any> extends ToolNode<T> {
  readonly #host: BatchHost;
  readonly #siblings: SiblingRegistry;
  readonly #durability: Durability;

  constructor(tools: ExecutableTool[], options: ParallelToolNodeOptions = {}) {
    readFields("options", options, OPTIONS);
    const { name, tags, handleToolErrors } = options;
    super(tools, {
      ...(name !== undefined && { name }),
      ...(tags !== undefined && { tags }),
      ...(handleToolErrors !== undefined && { handleToolErrors }),
    });
    this.#host = createBatchHost(options, {
      // Public on the stock node, and may be set after construction.
      tools: () => this.tools,
      handlesErrors: () => this.handleToolErrors,
    });
    this.#siblings = new SiblingRegistry(this.#host);
    this.#durability = new Durability(this.#host.isDurable);
  }

  protected override runTool(
    call: ToolCall,
    config: LangGraphRunnableConfig,
    state: unknown,
  ): Promise<Answer> {
    return runTool(this.tools, call, config, state, this.handleToolErrors);
  }

  protected override run(
    input: unknown,
    config: LangGraphRunnableConfig,
  ): Promise<T> {
    // A subclass may have a `runTool` of its own.
    const run: RunTool = (...call) => this.runTool(...call);
    if (isSendInput(input)) {
      return runSentCall(input, config, run, this.#siblings) as Promise<T>;
    }
    const runAll = this.#durability.holdsFor(config)
      ? runDurableBatch
      : runBatch;
    return runAll(input, config, this.#host, run) as Promise<T>;
  }
}
