import { has, type ModelMethod, onEither } from "../langgraph/model-proxy.js";
import type { EagerStarts, RequestOptions } from "./eager-starts.js";

/** Methods whose result asks the same model. */
const GIVES_MODEL: ReadonlySet<PropertyKey> = new Set([
  "bindTools",
  "withConfig",
  "bind",
]);

/** Models that listen, by what they are made of. */
const all = new WeakSet<object>();

/**
 * The same model. When it is asked for its answer, calls of that start while it is being
 * written. `undefined`: it isn't a model that can be asked for an answer.
 */
export function listeningModel<Model extends object>(
  model: Model,
  eager: EagerStarts,
): Model | undefined {
  if (all.has(model)) return model;
  const fields = fieldsFor(model, eager);
  if (fields === undefined) return undefined;
  const listening: Model = new Proxy(model, {
    get(target, key) {
      const field = fields.get(key);
      if (field !== undefined) return field;
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function" || key === "constructor") return value;
      return onEither(value as ModelMethod, target, listening, (given) =>
        GIVES_MODEL.has(key) && typeof given === "object" && given !== null
          ? (listeningModel(given, eager) ?? given)
          : given,
      );
    },
  });
  all.add(listening);
  return listening;
}

function fieldsFor(
  model: object,
  eager: EagerStarts,
): ReadonlyMap<PropertyKey, unknown> | undefined {
  const inner = (value: unknown) =>
    typeof value === "object" && value !== null
      ? (listeningModel(value, eager) ?? value)
      : value;
  if (has(model, "bound") && has(model, "kwargs")) {
    return new Map([["bound", inner(model.bound)]]);
  }
  if (has(model, "_getModelInstance")) {
    const find = model._getModelInstance as ModelMethod;
    const listens = async (...args: unknown[]) =>
      inner(await find.apply(model, args));
    return new Map([["_getModelInstance", listens]]);
  }
  if (!has(model, "_streamResponseChunks") || !has(model, "invoke")) {
    return undefined;
  }
  const ask = model.invoke as ModelMethod;
  const invoke = (input: unknown, options: RequestOptions = {}) =>
    eager.listen(options, async (listening) =>
      ask.call(model, input, listening),
    );
  return new Map([["invoke", invoke]]);
}
