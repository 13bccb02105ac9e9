import { getConfig, getCurrentTaskInput } from "@langchain/langgraph";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { createMiddleware, type WrapModelCallHook } from "langchain";
import type { BatchHost } from "../batch/batch-host.js";
import { createBatchHost } from "../batch/create-batch-host.js";
import { noteOrder } from "../batch/order-note.js";
import { mayRunAgain } from "../batch/is-retryable.js";
import type { ExecutableTool } from "../batch/run-tool.js";
import { WarnOnce } from "../errors/warn-once.js";
import { isSendInput } from "../langgraph/send-input.js";
import { attempt } from "../limits/feedback/attempt.js";
import { SiblingRegistry } from "../siblings/sibling-registry.js";
import { AgentCall } from "./agent-call.js";
import {
  type ParallelToolsMiddlewareOptions,
  readMiddlewareOptions,
} from "./middleware-options.js";
import { NeighbourWatch } from "./neighbours.js";
import { ApprovalHint } from "./approval-hint.js";
import {
  NameHints,
  type NamingOption,
  warnOfUnknownNames,
} from "./name-hints.js";
import { prepareModelRequest } from "./prepare-model-request.js";

/**
 * Gives an agent of `createAgent` what `ParallelToolNode` gives a graph. The tool
 * calls of a message run as a plan: each call starts as soon as its dependencies
 * have ended and its limits have room. The answers keep the order of the message.
 *
 * Put it first in the list. Middleware before it sees a call before the call waits
 * for its turn; middleware after it sees the call when it runs. As in LangChain, the
 * error of a tool becomes a message for the model if no other middleware has
 * `wrapToolCall`, and otherwise is thrown. With `references`, LangChain wraps the
 * errors of the model; `cause` is the original error.
 *
 * @throws ConfigurationError for wrong options. The names of policies can't be
 *   checked here, since the tools aren't known yet. Later there are warnings on the
 *   console. With `references`: for a policy, or a name in `needsApproval`, whose tool
 *   isn't among those that the model is first shown. Without: when a tool that has
 *   none is called, and an unused name is nearly the same.
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
  const { name, errorHandling, needsApproval } = readMiddlewareOptions(options);
  const tools = new KnownTools();
  const host = createBatchHost(options, {
    tools: () => tools.all(),
    hasUnknownTools: true,
    seesModel: true,
    handlesErrors: () => errorHandling !== "thrown",
  });
  const registry = new SiblingRegistry(host, isSentCall);
  const neighbours = new NeighbourWatch();
  const named: readonly NamedTools[] = [
    ["policies", host.policies.names],
    ["needsApproval", needsApproval ?? []],
  ];
  const wrapModelCall = modelHook(options, host, tools, named);
  // The hook for the model knows all tools, so it checks the names if there is one.
  const nameHints = (wrapModelCall ? [] : named).map(
    ([option, names]) => new NameHints(option, names),
  );
  const approvalHint = new ApprovalHint(needsApproval);
  return createMiddleware({
    name,
    // Not async: one more promise for each call costs time (decision 0022).
    wrapToolCall: function hook(request, handler) {
      const { tool, state, runtime, toolCall } = request;
      tools.add([tool]);
      const config = configOf(runtime);
      const caller = neighbours.callerOf(hook, config.signal);
      for (const hints of nameHints) hints.onCall(request, handler, caller);
      approvalHint.onCall(config);
      const isSent = isSendInput(attempt(() => getCurrentTaskInput(config)));
      const isDurable = host.durability?.holdsFor(config) === true;
      const inOneTask = isDurable ? "durable" : "together";
      const call = new AgentCall({
        request,
        handler,
        config,
        isDurable,
        errorHandling,
        caller,
        mayRunAgain: mayRunAgain(host.policies.of(toolCall.name)),
      });
      const answer = registry.answer(call, {
        state,
        config,
        mode: isSent ? "sent" : inOneTask,
        isDurable,
      });
      call.onWait();
      return answer;
    },
    // Left out if it isn't needed: with it, LangChain wraps errors of the model.
    ...(wrapModelCall && { wrapModelCall }),
  });
}

/** The tools that an option names. */
type NamedTools = readonly [option: NamingOption, names: readonly string[]];

/**
 * The hook that tells the model of references, and notes on its message in what
 * order it wrote the calls; `undefined` if references are off.
 */
function modelHook(
  options: ParallelToolsMiddlewareOptions,
  { references }: BatchHost,
  known: KnownTools,
  named: readonly NamedTools[],
): WrapModelCallHook | undefined {
  if (references === undefined) return undefined;
  const warnings = new WarnOnce();
  return async (request, handler) => {
    known.add(request.tools);
    for (const [option, names] of named) {
      warnOfUnknownNames(option, names, known.names(), warnings);
    }
    const { tools, systemMessage } = prepareModelRequest(
      request,
      options,
      references,
    );
    const response = await handler({
      ...request,
      tools: tools as typeof request.tools,
      systemMessage,
    });
    noteOrder(response);
    return response;
  };
}

/** The config of the task in which a call comes. The runtime holds most of it. */
function configOf(runtime: object): LangGraphRunnableConfig {
  const { signal, configurable, writer } = runtime as LangGraphRunnableConfig;
  const { maxConcurrency, metadata } =
    (getConfig() as LangGraphRunnableConfig | undefined) ?? {};
  const config: LangGraphRunnableConfig = {};
  if (signal) config.signal = signal;
  if (configurable) config.configurable = configurable;
  if (writer) config.writer = writer;
  if (metadata) config.metadata = metadata;
  if (maxConcurrency !== undefined) config.maxConcurrency = maxConcurrency;
  return config;
}

/**
 * The tools of an agent that its middleware has seen so far. LangChain shows them to
 * middleware only in requests to the model and in calls.
 */
class KnownTools {
  readonly #tools = new Map<string, ExecutableTool>();

  /** @param tools of a request; tools without a name, of the provider, are skipped */
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
 * Whether `createAgent` sends a call. It takes a tool whose name begins with
 * `extract-` for one that it added to get a structured response, and sends no
 * calls of it (langchain 1.5.14, `dist/agents/ReactAgent.js`, `createModelRouter`).
 */
function isSentCall({ name }: { readonly name: string }): boolean {
  return !name.startsWith("extract-");
}
