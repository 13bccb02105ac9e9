import { ConfigurationError } from "../errors/configuration-error.js";
import { describeValue } from "../errors/describe-value.js";
import { PolicyFunctionError } from "../errors/policy-function-error.js";

/** A function of a policy. It throws nothing but `PolicyFunctionError`. */
export interface Guarded<Value> {
  (args: unknown): Value;
  /** The option that it was given as, e.g. `defaultPolicy.cost`. */
  readonly option: string;
}

/**
 * Wraps a function of a policy. What it returns is read with `read`, and whatever
 * it throws becomes a `PolicyFunctionError` of that one call: a model has written
 * the arguments, so functions do throw.
 */
export function guard<Value>(
  option: string,
  callback: unknown,
  read: (option: string, value: unknown) => Value,
): Guarded<Value> {
  const guarded = (args: unknown): Value => {
    let value: unknown;
    try {
      value = (callback as (args: unknown) => unknown)(args);
    } catch (error) {
      const reason =
        error instanceof Error ? error.message : describeValue(error);
      throw new PolicyFunctionError(option, `threw "${reason}"`, error);
    }
    try {
      return read(option, value);
    } catch (error) {
      if (!ConfigurationError.isInstance(error)) throw error;
      throw new PolicyFunctionError(
        option,
        `returned ${describeValue(value)} where ${error.expected} is due`,
        error,
      );
    }
  };
  return Object.assign(guarded, { option });
}
