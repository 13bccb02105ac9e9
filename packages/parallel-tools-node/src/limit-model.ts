import { hostOf } from "./batch/create-batch-host.js";
import { ConfigurationError } from "./errors/configuration-error.js";
import { limitedModel } from "./model/limited-model.js";
import { ModelAdmission } from "./model/model-admission.js";
import { type ModelLimits, readModelLimits } from "./model/model-limits.js";

/**
 * The same model, whose requests share the resources of a node: its caps, its rates in
 * requests and in tokens, what its servers say, in this process or in Redis. A request
 * from inside of a tool call, as an agent in a tool makes them, shares a slot with that
 * call.
 *
 * A request that the server refuses with nothing streamed is asked again when the
 * server says so, up to ten times and within `maxPauseMs` of the node; then what it
 * threw is thrown as it is. The model's own retries are off for these requests.
 *
 * What the answer says of its usage corrects the rates in tokens. The node's reports and
 * tracer are told of each request, as a batch of its own with `kind: "model"`.
 *
 * Nothing is limited twice: a model that is limited already comes back as it is.
 *
 * @param model a chat model, also with bound tools, or a model that makes embeddings.
 *   It isn't changed for others who use it
 * @param owner the node, or the middleware of this package, that declares the resources
 * @param limits which of them requests use, and what a request costs
 * @throws ConfigurationError for wrong arguments
 * @example
 * ```ts
 * import { ChatOpenAI } from "@langchain/openai";
 * import { limitModel, ParallelToolNode } from "parallel-tools-node";
 *
 * const tools = new ParallelToolNode([], {
 *   resources: {
 *     openai: {
 *       rateLimit: [
 *         { limit: 500, intervalMs: 60_000, counts: "calls" },
 *         { limit: 200_000, intervalMs: 60_000 },
 *       ],
 *     },
 *   },
 * });
 * const model = limitModel(new ChatOpenAI({ model: "gpt-5.4" }), tools, {
 *   resources: "openai",
 *   used: false, // OpenAI counts what it estimates, not what was used.
 * });
 * ```
 */
export function limitModel<Model extends object>(
  model: Model,
  owner: object,
  limits: ModelLimits = {},
): Model {
  const host = hostOf(owner);
  if (host === undefined) {
    throw new ConfigurationError(
      "owner",
      "a ParallelToolNode or a parallelToolsMiddleware",
      owner,
    );
  }
  const names = host.limits.resources;
  const policy = readModelLimits("limits", limits, names);
  const admission = new ModelAdmission(host, policy);
  const limited = limitedModel(model, admission);
  if (limited !== undefined) return limited;
  throw new ConfigurationError("model", "a chat model or embeddings", model);
}
