/**
 * The host's secret: what a proxy of a LangChain model has to look out for. Methods of
 * subclasses may need private fields, which a proxy doesn't have.
 */

export type ModelMethod = (this: unknown, ...args: unknown[]) => unknown;

/**
 * A method that finds the proxy as `this`. One that needs a private field of its class
 * finds the model itself; if it returns that, the proxy is meant.
 *
 * @param read makes of the result what the proxy is to give
 */
export function onEither(
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

export function has<Key extends string>(
  value: object,
  key: Key,
): value is Record<Key, unknown> {
  return key in value && (value as Record<string, unknown>)[key] !== undefined;
}
