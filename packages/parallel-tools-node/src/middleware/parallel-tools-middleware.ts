import { getConfig, getCurrentTaskInput } from "@langchain/langgraph";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { createMiddleware } from "langchain";
import { createBatchHost, registerHost } from "../batch/create-batch-host.js";
import { mayRunAgain } from "../batch/is-retryable.js";
import { isSendInput } from "../langgraph/send-input.js";
import { attempt } from "../limits/feedback/attempt.js";
import { SiblingRegistry } from "../siblings/sibling-registry.js";
import { AgentCall } from "./agent-call.js";
import {
  type ParallelToolsMiddlewareOptions,
  readMiddlewareOptions,
} from "./middleware-options.js";
import { KnownTools } from "./known-tools.js";
import { modelHook, type NamedTools } from "./model-hook.js";
import { NeighbourWatch } from "./neighbours.js";
import { ApprovalHint } from "./approval-hint.js";
import { NameHints } from "./name-hints.js";

/**
 * Gives an agent of `createAgent` what `ParallelToolNode` gives a graph. The tool
 * calls of a message run as a plan: each call starts as soon as its dependencies
 * have ended and its limits have room. The answers keep the order of the message.
 *
 * Put it first in the list. Middleware before it sees a call before the call waits
 * for its turn; middleware after it sees the call when it runs. As in LangChain, the
 * error of a tool becomes a message for the model if no other middleware has
 * `wrapToolCall`, and otherwise is thrown. With `references`, `model` or `eager`,
 * LangChain wraps the errors of the model; `cause` is the original error.
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
    ...(needsApproval && { needsApproval }),
    handlesErrors: () => errorHandling !== "thrown",
  });
  const registry = new SiblingRegistry(host, isSentCall);
  const neighbours = new NeighbourWatch();
  const named: readonly NamedTools[] = [
    ["policies", host.policies.names],
    ["needsApproval", needsApproval ?? []],
  ];
  const approvalHint = new ApprovalHint(
    needsApproval,
    host.early !== undefined,
  );
  const wrapModelCall = modelHook(options, host, tools, named, approvalHint);
  // The hook for the model knows all tools, so it checks the names if there is one.
  const nameHints = (wrapModelCall ? [] : named).map(
    ([option, names]) => new NameHints(option, names),
  );
  const middleware = createMiddleware({
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
        mayStartEarly: host.early !== undefined,
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
  registerHost(middleware, host);
  return middleware;
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
 * Whether `createAgent` sends a call. It takes a tool whose name begins with
 * `extract-` for one that it added to get a structured response, and sends no
 * calls of it (langchain 1.5.14, `dist/agents/ReactAgent.js`, `createModelRouter`).
 */
function isSentCall({ name }: { readonly name: string }): boolean {
  return !name.startsWith("extract-");
}
