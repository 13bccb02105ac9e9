/**
 * Copies arguments for a report: its reader may change or blank out what it gets,
 * and the history must keep what the model wrote. Arguments that can't be copied
 * are not JSON, so no model wrote them, and they are returned as they are.
 */
export function copyArguments(args: unknown): unknown {
  try {
    return structuredClone(args);
  } catch {
    return args;
  }
}
