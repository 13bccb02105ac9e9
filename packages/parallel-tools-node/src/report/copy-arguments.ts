/**
 * Arguments for a report: a copy, since a reader may change or blank out what
 * it is given, and the history has to keep what the model wrote. What can't be
 * copied is no JSON, hence from no model, and is given as it is.
 */
export function copyArguments(args: unknown): unknown {
  try {
    return structuredClone(args);
  } catch {
    return args;
  }
}
