import { ConfigurationError } from "../errors/configuration-error.js";
import { describeValue } from "../errors/describe-value.js";
import { PolicyFunctionError } from "../errors/policy-function-error.js";

/** A policy's own function; throws `PolicyFunctionError` and nothing else. */
export interface Guarded<Value> {
  (args: unknown): Value;
  /** Where it was written, e.g. `defaultPolicy.cost`. */
  readonly option: string;
}

/**
 * Wraps a policy's own function: what it returns is read with `read`, and
 * whatever goes wrong becomes a `PolicyFunctionError` of that one call. The
 * arguments that it sees were written by a model, so throwing is normal.
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
