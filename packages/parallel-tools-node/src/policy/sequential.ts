import { ConfigurationError } from "../errors/configuration-error.js";

/** Whether calls run one at a time, and whether the model is asked in between. */
export type Sequential = boolean | "replan";

export function isSequential(value: unknown): value is Sequential {
  return typeof value === "boolean" || value === "replan";
}

/** Reads a `sequential` option that may not be a function. */
export function readSequential(option: string, value: unknown): Sequential {
  if (isSequential(value)) return value;
  throw new ConfigurationError(option, 'a boolean or "replan"', value);
}
