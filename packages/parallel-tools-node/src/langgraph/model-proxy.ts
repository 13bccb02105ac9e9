/**
 * The host's secrets: which objects ask a model, and what a proxy of one has to look out
 * for. A model with bound tools or another config asks the one that it is `bound` to; one
 * that is chosen late finds it with `_getModelInstance`. Methods of subclasses may need
 * private fields, which a proxy doesn't have, and LangChain compares methods with those
 * that every chat model inherits.
 *
 * Read in @langchain/core 1.4.0 (`language_models/chat_models`, `runnables/base`) and
 * langchain 1.5.14 (`chat_models/universal`).
 */
import { BaseChatModel } from "@langchain/core/language_models/chat_models";

export type ModelMethod = (this: unknown, ...args: unknown[]) => unknown;

/** What stands in the place of fields of a model. */
export type ModelFields = ReadonlyMap<PropertyKey, unknown>;

interface ModelProxyOptions {
  /** Of a model that asks by itself. `undefined`: it is none of the kind that is meant. */
  readonly fieldsOf: (model: object) => ModelFields | undefined;
  /** Methods whose result asks the same model. */
  readonly givesModel: ReadonlySet<PropertyKey>;
  /** Makes such a proxy of a model that this one gives or asks. */
  readonly again: (model: object) => object | undefined;
}

/** The same model with other fields. `undefined`: it isn't a model that is meant. */
export function modelProxy<Model>(
  model: Model,
  { fieldsOf, givesModel, again }: ModelProxyOptions,
): (Model & object) | undefined {
  if (!isObject(model)) return undefined;
  const inner = (value: unknown) =>
    isObject(value) ? (again(value) ?? value) : value;
  const fields = fieldsToAnother(model, inner) ?? fieldsOf(model);
  if (fields === undefined) return undefined;
  const proxy: Model & object = new Proxy(model, {
    get(target, key) {
      const field = fields.get(key);
      if (field !== undefined) return field;
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function" || key === "constructor") return value;
      const gives = givesModel.has(key);
      if (value === base(key) && !gives) return value;
      return onEither(value as ModelMethod, target, proxy, (result) =>
        gives ? inner(result) : result,
      );
    },
  });
  return proxy;
}

/** Those of what asks another model. */
function fieldsToAnother(
  model: object,
  inner: (value: unknown) => unknown,
): ModelFields | undefined {
  if (has(model, "bound") && has(model, "kwargs")) {
    return new Map([["bound", inner(model.bound)]]);
  }
  if (!has(model, "_getModelInstance")) return undefined;
  const find = model._getModelInstance as ModelMethod;
  const findInner = async (...args: unknown[]) =>
    inner(await find.apply(model, args));
  return new Map([["_getModelInstance", findInner]]);
}

/**
 * A method that finds the proxy as `this`. One that needs a private field of its class
 * finds the model itself; if it returns that, the proxy is meant.
 */
function onEither(
  method: ModelMethod,
  model: object,
  proxy: object,
  read: (result: unknown) => unknown,
): ModelMethod {
  return function either(this: unknown, ...args: unknown[]) {
    if (this !== proxy) return method.apply(this, args);
    try {
      return read(method.apply(this, args));
    } catch (error) {
      if (!isOfPrivateField(error)) throw error;
      const result = method.apply(model, args);
      return result === model ? proxy : read(result);
    }
  };
}

function isOfPrivateField(error: unknown): boolean {
  return error instanceof TypeError && /private/i.test(error.message);
}

/** A method as every chat model inherits it. */
function base(key: PropertyKey): unknown {
  return (BaseChatModel.prototype as unknown as Record<PropertyKey, unknown>)[
    key
  ];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

export function has<Key extends string>(
  value: object,
  key: Key,
): value is Record<Key, unknown> {
  return key in value && (value as Record<string, unknown>)[key] !== undefined;
}
