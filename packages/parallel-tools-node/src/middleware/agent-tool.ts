import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { insideSignal, withSignal } from "../langgraph/nested-signal.js";
import type { Configurable } from "../langgraph/task.js";

type Invoke = (input: unknown, config?: never) => unknown;

interface Invocable {
  invoke(input: unknown, config?: unknown): unknown;
}

/** The config that `createAgent` gives a tool: its own, and in it that of the task. */
interface ToolConfig extends LangGraphRunnableConfig {
  readonly config?: LangGraphRunnableConfig;
}

/**
 * The same tool, but for what its `invoke` does. Other middleware finds all that
 * it knows of the tool in its place. A tool of the model's provider stays as it
 * is: it has nothing to run here.
 *
 * @param wrap gives the new `invoke`, from one that calls the tool's own
 */
export function toolWithInvoke<Tool>(
  tool: Tool,
  wrap: (invoke: Invocable["invoke"]) => Invoke,
): Tool {
  if (!isInvocable(tool)) return tool;
  const invoke = wrap((...args) => tool.invoke(...args));
  if (isFixed(tool, "invoke")) {
    // Of a frozen tool no proxy may show another `invoke`.
    return Object.create(tool, { invoke: { value: invoke } }) as typeof tool;
  }
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

/**
 * The same tool, but it sees `signal`, which follows the run's signal, in place of
 * that. The handler of a middleware takes a tool, but no signal.
 *
 * @param replaced the run's signal
 */
export function toolWithSignal<Tool>(
  tool: Tool,
  signal: AbortSignal,
  replaced: AbortSignal | undefined,
): Tool {
  return toolWithInvoke(
    tool,
    (invoke) =>
      (input: unknown, config: ToolConfig = {}) => {
        const heard = join(config.signal, signal, replaced);
        const own = {
          ...withSignal(config, heard),
          ...(config.config && { config: withSignal(config.config, heard) }),
        };
        return insideSignal(heard, () => invoke(input, own));
      },
  );
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

/**
 * The same tool, but it is invoked with another configurable than its caller's.
 * What it asks a human is a question of the task, or of the call, that this
 * configurable belongs to.
 */
export function toolWithConfigurable<Tool>(
  tool: Tool,
  configurable: Configurable,
): Tool {
  return toolWithInvoke(
    tool,
    (invoke) =>
      (input: unknown, config: ToolConfig = {}) =>
        invoke(input, {
          ...config,
          configurable,
          ...(config.config && { config: { ...config.config, configurable } }),
        }),
  );
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
