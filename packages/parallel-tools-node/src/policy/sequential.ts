import { ConfigurationError } from "../errors/configuration-error.js";

/** What `sequential` says of a tool, or of a whole batch. */
export type Sequential = boolean | "replan";

export function isSequential(value: unknown): value is Sequential {
  return typeof value === "boolean" || value === "replan";
}

/** Reads a `sequential` option that may not be a function. */
export function readSequential(option: string, value: unknown): Sequential {
  if (isSequential(value)) return value;
  throw new ConfigurationError(option, 'a boolean or "replan"', value);
}
