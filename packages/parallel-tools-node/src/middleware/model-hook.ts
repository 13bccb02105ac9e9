import type { WrapModelCallHook } from "langchain";
import type { BatchHost } from "../batch/batch-host.js";
import { noteOrder } from "../batch/order-note.js";
import { WarnOnce } from "../errors/warn-once.js";
import { limitedModel } from "../model/limited-model.js";
import { ModelAdmission } from "../model/model-admission.js";
import { readModelLimits } from "../model/model-limits.js";
import { EagerStarts } from "../eager/eager-starts.js";
import { listeningModel } from "../eager/listening-model.js";
import type { ApprovalHint } from "./approval-hint.js";
import type { KnownTools } from "./known-tools.js";
import type { ParallelToolsMiddlewareOptions } from "./middleware-options.js";
import { type NamingOption, warnOfUnknownNames } from "./name-hints.js";
import { prepareModelRequest } from "./prepare-model-request.js";

/** The tools that an option names. */
export type NamedTools = readonly [
  option: NamingOption,
  names: readonly string[],
];

/**
 * The hook that sees requests to the model. With `model` it has them admitted; with
 * `eager` it starts calls of the answer while that is being written; with `references`
 * it tells the model of these, and notes on its message in what order it wrote the
 * calls. `undefined`: there is none of them.
 *
 * @throws ConfigurationError for `model`
 */
export function modelHook(
  options: ParallelToolsMiddlewareOptions,
  host: BatchHost,
  known: KnownTools,
  named: readonly NamedTools[],
  approvals: ApprovalHint,
): WrapModelCallHook | undefined {
  const { references, early } = host;
  const admission = admissionOf(options, host);
  const eager =
    early &&
    new EagerStarts(host, early, {
      needsApproval: options.needsApproval,
      // A call that a human has not seen must not run.
      mayStart: (config) => !approvals.isMissing(config),
    });
  if (!references && !admission && !eager) return undefined;
  const warnings = new WarnOnce();
  return async (request, handler) => {
    known.add(request.tools);
    for (const [option, names] of named) {
      warnOfUnknownNames(option, names, known.names(), warnings);
    }
    const model = admission && limitedModel(request.model as object, admission);
    if (admission !== undefined && model === undefined) {
      warnings.warn(
        "model",
        "the model of this agent is neither a chat model nor one with bound tools, so `model` doesn't limit it. Give its chat model to `limitModel` instead.",
      );
    }
    const asked: object = model ?? request.model;
    const listening = eager && listeningModel(asked, eager);
    const limited = { model: (listening ?? asked) as typeof request.model };
    if (references === undefined) return handler({ ...request, ...limited });
    const { tools, systemMessage } = prepareModelRequest(
      request,
      options,
      references,
    );
    const response = await handler({
      ...request,
      ...limited,
      tools: tools as typeof request.tools,
      systemMessage,
    });
    noteOrder(response);
    return response;
  };
}

function admissionOf(
  { model }: ParallelToolsMiddlewareOptions,
  host: BatchHost,
): ModelAdmission | undefined {
  if (model === undefined) return undefined;
  const limits = readModelLimits("model", model, host.limits.resources);
  return new ModelAdmission(host, limits);
}
