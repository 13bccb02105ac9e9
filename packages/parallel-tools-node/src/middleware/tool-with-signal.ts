import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { insideSignal, withSignal } from "../langgraph/nested-signal.js";

interface Invocable {
  invoke(input: unknown, config?: unknown): unknown;
}

/** The config that `createAgent` gives a tool: its own, and in it that of the task. */
interface ToolConfig extends LangGraphRunnableConfig {
  readonly config?: LangGraphRunnableConfig;
}

/**
 * The same tool, but that it sees `signal`, which follows the run's, where the
 * run's signal would be. The handler of a middleware takes a tool, but no
 * signal. Other middleware finds all that it knows of the tool in its place.
 *
 * @param replaced the run's signal
 */
export function toolWithSignal<Tool>(
  tool: Tool,
  signal: AbortSignal,
  replaced: AbortSignal | undefined,
): Tool {
  // A tool of the model's provider has nothing to run here; of one that is
  // frozen, no proxy may show another `invoke`.
  if (!isInvocable(tool) || isFixed(tool, "invoke")) return tool;
  const invoke = (input: unknown, config: ToolConfig = {}) => {
    const heard = join(config.signal, signal, replaced);
    const own = {
      ...withSignal(config, heard),
      ...(config.config && { config: withSignal(config.config, heard) }),
    };
    return insideSignal(heard, () => tool.invoke(input, own));
  };
  return new Proxy(tool, {
    get(target, key) {
      if (key === "invoke") return invoke;
      // Getters and methods may need the tool itself, for its private fields.
      const value: unknown = Reflect.get(target, key, target);
      return typeof value !== "function" ||
        key === "constructor" ||
        Object.hasOwn(target, key)
        ? value
        : (value.bind(target) as unknown);
    },
  });
}

/** An agent's own `signal` option comes merged with the run's: both count. */
function join(
  given: AbortSignal | undefined,
  signal: AbortSignal,
  replaced: AbortSignal | undefined,
): AbortSignal {
  return given === undefined || given === replaced
    ? signal
    : AbortSignal.any([given, signal]);
}

function isFixed(tool: object, key: string): boolean {
  return Object.getOwnPropertyDescriptor(tool, key)?.configurable === false;
}

function isInvocable(tool: unknown): tool is object & Invocable {
  return (
    typeof tool === "object" &&
    tool !== null &&
    typeof (tool as Partial<Invocable>).invoke === "function"
  );
}
