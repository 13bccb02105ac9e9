import { ConfigurationError } from "../errors/configuration-error.js";
import { describeKind, shorten } from "../errors/describe-value.js";
import { PolicyFunctionError } from "../errors/policy-function-error.js";
import { catchRejectionsIn, isThenable } from "../errors/thenable.js";

/** A function of a policy. It throws nothing but `PolicyFunctionError`. */
export interface Guarded<Value> {
  /** @param input the arguments of a call, or the error with which it failed */
  (input: unknown): Value;
  /** The option that it was given as, e.g. `defaultPolicy.cost`. */
  readonly option: string;
}

/**
 * Wraps a function of a policy. What it returns is read with `read`. It has to
 * return a value and not a promise of one, since nobody waits for it. Whatever it
 * throws becomes a `PolicyFunctionError` of that one call: a model has written the
 * arguments, so functions do throw.
 */
export function guard<Value>(
  option: string,
  callback: unknown,
  read: (option: string, value: unknown) => Value,
): Guarded<Value> {
  const guarded = (input: unknown): Value => {
    let value: unknown;
    try {
      value = (callback as (input: unknown) => unknown)(input);
    } catch (error) {
      catchRejectionsIn(error);
      throw new PolicyFunctionError(option, describeThrown(error), error);
    }
    try {
      checkIsGiven(option, value);
      return read(option, value);
    } catch (error) {
      catchRejectionsIn(value);
      throw asPolicyFunctionError(option, value, error);
    }
  };
  return Object.assign(guarded, { option });
}

/** @throws PolicyFunctionError for a value that is yet to come */
function checkIsGiven(option: string, value: unknown): void {
  const isPromise = isThenable(value);
  if (!isPromise && !isIterator(value)) return;
  const what = isPromise ? "a promise" : "an iterator";
  throw new PolicyFunctionError(
    option,
    `returned ${what} where it has to give its value at once`,
    undefined,
    true,
  );
}

/** Generators, also async ones, return an iterator before they have run. */
function isIterator(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value) &&
    "next" in value &&
    typeof value.next === "function"
  );
}

/** Without the value itself, which may have come out of the call's arguments. */
function asPolicyFunctionError(
  option: string,
  value: unknown,
  error: unknown,
): PolicyFunctionError {
  if (PolicyFunctionError.isInstance(error)) return error;
  const problem = ConfigurationError.isInstance(error)
    ? `returned ${describeKind(value)} where ${error.expected} is due`
    : "returned a value that can't be read";
  return new PolicyFunctionError(option, problem, error);
}

/** The text alone: errors of HTTP clients hold the request and its secrets. */
function describeThrown(error: unknown): string {
  try {
    const text =
      typeof error === "string"
        ? error
        : (error as { message?: unknown } | null | undefined)?.message;
    if (typeof text === "string") {
      return `threw ${JSON.stringify(shorten(text, 200))}`;
    }
  } catch {
    // A `message` that can't be read says as little as none.
  }
  return `threw ${describeKind(error)}`;
}
