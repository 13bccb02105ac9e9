import { ConfigurationError } from "../errors/configuration-error.js";

/** Who makes a call: the model itself, or code that it wrote. */
export type Caller = "model" | "code";

export const CALLERS: readonly Caller[] = Object.freeze(["model", "code"]);

export function readCallers(option: string, given: unknown): readonly Caller[] {
  if (Array.isArray(given) && given.length > 0) {
    const callers = [...new Set<Caller>(given as Caller[])];
    if (callers.every((caller) => CALLERS.includes(caller))) return callers;
  }
  throw new ConfigurationError(
    option,
    'an array of `"model"`, `"code"` or both',
    given,
  );
}
