import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { ToolNode, type ToolNodeOptions } from "@langchain/langgraph/prebuilt";
import { combineAnswers } from "./batch/batch-answers.js";
import type { BatchHost, RunTool } from "./batch/batch-host.js";
import type { BatchOptions } from "./batch/batch-options.js";
import {
  BATCH_OPTIONS,
  createBatchHost,
  registerHost,
} from "./batch/create-batch-host.js";
import { runBatch } from "./batch/run-batch.js";
import { type Answer, type ExecutableTool, runTool } from "./batch/run-tool.js";
import { callWith } from "./langgraph/nested-signal.js";
import {
  isSendInput,
  readSendInput,
  type SendInput,
} from "./langgraph/send-input.js";
import { readFields } from "./policy/read-fields.js";
import type { SentCall } from "./siblings/sent-call.js";
import { SiblingRegistry } from "./siblings/sibling-registry.js";

/** Options of {@link ParallelToolNode}. Without options it works as the stock node. */
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
 * It plans the tool calls of a message, starts each call as soon as its
 * dependencies have ended and its limits have room, and returns the answers in
 * the order of the message.
 *
 * @throws ConfigurationError from the constructor, for wrong options
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

  constructor(tools: ExecutableTool[], options: ParallelToolNodeOptions = {}) {
    readFields("options", options, OPTIONS);
    const { name, tags, handleToolErrors } = options;
    super(tools, {
      ...(name !== undefined && { name }),
      ...(tags !== undefined && { tags }),
      ...(handleToolErrors !== undefined && { handleToolErrors }),
    });
    this.#host = createBatchHost(options, {
      // Both are public on the stock node, and may be set after construction.
      tools: () => this.tools,
      handlesErrors: () => this.handleToolErrors,
    });
    this.#siblings = new SiblingRegistry(this.#host);
    registerHost(this, this.#host);
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
    // A subclass may override `runTool`.
    const run: RunTool = (...call) => this.runTool(...call);
    if (isSendInput(input)) return this.#runSent(input, config, run);
    return runBatch(input, config, this.#host, run) as Promise<T>;
  }

  /** Runs one call that came by `Send`, in the batch of its message. */
  async #runSent(
    input: SendInput,
    config: LangGraphRunnableConfig,
    runTool: RunTool,
  ): Promise<T> {
    const { toolCall, state } = readSendInput(input);
    const call: SentCall = {
      toolCall,
      run: (resolved, signal, configurable) =>
        callWith(config, signal, configurable, (callConfig) =>
          runTool(resolved, callConfig, state),
        ),
    };
    const isDurable = this.#host.durability?.holdsFor(config) === true;
    const origin = { state, config, mode: "sent", isDurable } as const;
    const answer = await this.#siblings.answer(call, origin);
    return combineAnswers([answer], false) as T;
  }
}
