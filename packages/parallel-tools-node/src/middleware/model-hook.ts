import type { WrapModelCallHook } from "langchain";
import type { BatchHost } from "../batch/batch-host.js";
import { noteOrder } from "../batch/order-note.js";
import { WarnOnce } from "../errors/warn-once.js";
import { limitedModel } from "../model/limited-model.js";
import { ModelAdmission } from "../model/model-admission.js";
import { readModelLimits } from "../model/model-limits.js";
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
 * `references` it tells the model of these, and notes on its message in what order it
 * wrote the calls. `undefined`: there is neither.
 *
 * @throws ConfigurationError for `model`
 */
export function modelHook(
  options: ParallelToolsMiddlewareOptions,
  host: BatchHost,
  known: KnownTools,
  named: readonly NamedTools[],
): WrapModelCallHook | undefined {
  const { references } = host;
  const admission = admissionOf(options, host);
  if (references === undefined && admission === undefined) return undefined;
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
    const limited = model ? { model: model as typeof request.model } : {};
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
