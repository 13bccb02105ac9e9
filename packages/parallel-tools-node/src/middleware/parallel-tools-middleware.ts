import { getConfig, getCurrentTaskInput } from "@langchain/langgraph";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { createMiddleware, type WrapModelCallHook } from "langchain";
import type { BatchHost } from "../batch/batch-host.js";
import { mayRunAgain } from "../batch/is-retryable.js";
import { createBatchHost } from "../batch/create-batch-host.js";
import type { ExecutableTool } from "../batch/run-tool.js";
import { Durability } from "../langgraph/durable-task.js";
import { isSendInput } from "../langgraph/send-input.js";
import { SiblingRegistry } from "../siblings/sibling-registry.js";
import { attempt } from "../limits/feedback/attempt.js";
import { AgentCall } from "./agent-call.js";
import { NeighbourWatch } from "./neighbours.js";
import {
  type ParallelToolsMiddlewareOptions,
  readMiddlewareOptions,
} from "./middleware-options.js";
import { PolicyNameHints, PolicyNamesCheck } from "./policy-names.js";
import { prepareModelRequest } from "./prepare-model-request.js";

/**
 * Gives an agent of `createAgent` what `ParallelToolNode` gives a graph: the
 * tool calls of a message run as a plan, each as soon as what it depends on and
 * its limits allow, and are answered in the order in which the model asked.
 *
 * Put it first: middleware before it sees a call before it waits for its turn,
 * middleware after it when it runs. What a tool throws is a message for the model
 * where no other middleware has `wrapToolCall`, else it is thrown on, as LangChain
 * has it. With `references`, LangChain wraps what the model throws: `cause` is the
 * original.
 *
 * @throws ConfigurationError for options that are not what they have to be. The
 *   names of policies can't be checked before the tools are known. With
 *   `references`, one that is none of the tools that the model is first shown is a
 *   warning on the console; else one that is nearly the name of a tool without a
 *   policy, when that is called.
 * @example
 * ```ts
 * import { createAgent, tool } from "langchain";
 * import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
 * import { z } from "zod";
 *
 * const search = tool(async ({ query }) => `Results for ${query}`, {
 *   name: "search",
 *   description: "Searches the web.",
 *   schema: z.object({ query: z.string() }),
 * });
 *
 * const agent = createAgent({
 *   model: "openai:gpt-5.4",
 *   tools: [search],
 *   middleware: [
 *     parallelToolsMiddleware({ policies: { search: { concurrency: 4 } } }),
 *   ],
 * });
 * ```
 */
export function parallelToolsMiddleware(
  options: ParallelToolsMiddlewareOptions = {},
) {
  const { name, errorHandling } = readMiddlewareOptions(options);
  const tools = new KnownTools();
  const host = createBatchHost(options, {
    tools: () => tools.all(),
    hasUnknownTools: true,
    handlesErrors: () => errorHandling !== "thrown",
  });
  const durability = host.isDurable ? new Durability() : undefined;
  const registry = new SiblingRegistry(host, isAgentCall);
  const neighbours = new NeighbourWatch();
  const wrapModelCall = modelHook(options, host, tools);
  // Where there is a hook for the model it knows all tools, and checks all names.
  const nameHints = new PolicyNameHints(
    wrapModelCall ? [] : host.policies.names,
  );
  return createMiddleware({
    name,
    // No async function: a promise for each call is felt (decision 0022).
    wrapToolCall: function hook(request, handler) {
      const { tool, state, runtime, toolCall } = request;
      tools.add([tool]);
      const config = configOf(runtime);
      const caller = neighbours.callerOf(hook, config.signal);
      nameHints.onCall(request, handler, caller);
      const isSent = isSendInput(attempt(() => getCurrentTaskInput(config)));
      // Where each call is a task anyway, LangGraph keeps its answer.
      const isDurable =
        !isSent && tool !== undefined && durability?.holdsFor(config) === true;
      const call = new AgentCall({
        request,
        handler,
        config,
        isDurable,
        errorHandling,
        caller,
        mayRunAgain: mayRunAgain(host.policies.of(toolCall.name)),
      });
      const answer = isDurable
        ? registry.answerDurably(call, { state, config, mode: "durable" })
        : registry.answer(call, {
            state,
            config,
            mode: isSent ? "sent" : "together",
          });
      call.waits();
      return answer;
    },
    // LangChain puts errors of the model into others as soon as there is one.
    ...(wrapModelCall && { wrapModelCall }),
  });
}

/** What tells the model of references, where they are on. */
function modelHook(
  options: ParallelToolsMiddlewareOptions,
  { references, policies }: BatchHost,
  known: KnownTools,
): WrapModelCallHook | undefined {
  if (references === undefined) return undefined;
  const namesCheck = new PolicyNamesCheck(policies.names);
  return (request, handler) => {
    known.add(request.tools);
    namesCheck.run(known.names());
    const { tools, systemMessage } = prepareModelRequest(
      request,
      options,
      references,
    );
    return handler({
      ...request,
      tools: tools as typeof request.tools,
      systemMessage,
    });
  };
}

/** Of the task in which a call has come. The runtime leaves some of it out. */
function configOf(runtime: object): LangGraphRunnableConfig {
  const { signal, configurable, writer } = runtime as LangGraphRunnableConfig;
  const maxConcurrency = getConfig()?.maxConcurrency;
  const config: LangGraphRunnableConfig = {};
  if (signal) config.signal = signal;
  if (configurable) config.configurable = configurable;
  if (writer) config.writer = writer;
  if (maxConcurrency !== undefined) config.maxConcurrency = maxConcurrency;
  return config;
}

/**
 * The tools of an agent as far as its middleware has seen them: it is not given
 * any, and meets them with requests to the model and with calls.
 */
class KnownTools {
  readonly #tools = new Map<string, ExecutableTool>();

  /** @param tools of a request; those that the provider runs are passed over */
  add(tools: readonly unknown[]): void {
    for (const tool of tools) {
      const name = (tool as { name?: unknown } | null | undefined)?.name;
      if (typeof name === "string") {
        this.#tools.set(name, tool as ExecutableTool);
      }
    }
  }

  all(): ExecutableTool[] {
    return [...this.#tools.values()];
  }

  names(): string[] {
    return [...this.#tools.keys()];
  }
}

/**
 * Whether a call of a message is one for which `createAgent` runs a tool. Those
 * that it has made up to get a structured response it answers itself.
 */
function isAgentCall({ name }: { readonly name: string }): boolean {
  return !name.startsWith("extract-");
}
