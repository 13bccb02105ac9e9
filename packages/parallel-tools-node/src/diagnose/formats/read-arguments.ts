/** Arguments as data: a text is parsed if it is JSON, else it stays a text. */
export function readArguments(args: unknown): unknown {
  if (typeof args !== "string") return args ?? {};
  if (args.trim() === "") return {};
  try {
    return JSON.parse(args) as unknown;
  } catch {
    // What a model writes may be broken; what it says is in there all the same.
    return args;
  }
}
