import { has, type ModelMethod, modelProxy } from "../langgraph/model-proxy.js";
import type { EagerStarts, RequestOptions } from "./eager-starts.js";

/** Methods whose result asks the same model. */
const GIVES_MODEL: ReadonlySet<PropertyKey> = new Set([
  "bindTools",
  "withConfig",
  "bind",
]);

/** All models that listen. */
const all = new WeakSet<object>();

/**
 * The same model. When it is asked for its answer, calls of that start while it is being
 * written. `undefined`: it isn't a model that can be asked for an answer.
 */
export function listeningModel<Model>(
  model: Model,
  eager: EagerStarts,
): (Model & object) | undefined {
  if (all.has(model as object)) return model as Model & object;
  const listening = modelProxy(model, {
    fieldsOf(own) {
      if (!has(own, "_streamResponseChunks") || !has(own, "invoke")) {
        return undefined;
      }
      const ask = own.invoke as ModelMethod;
      const invoke = (input: unknown, options: RequestOptions = {}) =>
        eager.listen(options, async (heard) => ask.call(own, input, heard));
      return new Map([["invoke", invoke]]);
    },
    givesModel: GIVES_MODEL,
    again: (other) => listeningModel(other, eager),
  });
  if (listening !== undefined) all.add(listening);
  return listening;
}
