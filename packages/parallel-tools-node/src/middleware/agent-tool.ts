import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { insideSignal, withSignal } from "../langgraph/nested-signal.js";
import type { Configurable } from "../langgraph/task.js";

type Invoke = (input: unknown, config?: never) => unknown;

interface Invocable {
  invoke(input: unknown, config?: unknown): unknown;
}

/** The config that `createAgent` gives a tool. `config` in it is the task's own. */
interface ToolConfig extends LangGraphRunnableConfig {
  readonly config?: LangGraphRunnableConfig;
}

/**
 * The same tool with another `invoke`. All other properties are the tool's own,
 * since other middleware may read them. A tool that the model's provider runs has
 * no `invoke` and is returned unchanged.
 *
 * @param wrap makes the new `invoke` from the tool's own
 */
export function toolWithInvoke<Tool>(
  tool: Tool,
  wrap: (invoke: Invocable["invoke"]) => Invoke,
): Tool {
  if (!isInvocable(tool)) return tool;
  const invoke = wrap((...args) => tool.invoke(...args));
  const handler: ProxyHandler<typeof tool> = {
    get(_, key) {
      if (key === "invoke") return invoke;
      // Getters and methods need the tool itself as `this`, for private fields.
      const value: unknown = Reflect.get(tool, key, tool);
      return typeof value !== "function" ||
        key === "constructor" ||
        Object.hasOwn(tool, key)
        ? value
        : (value.bind(tool) as unknown);
    },
  };
  return isFixed(tool, "invoke")
    ? proxyOfFrozen(tool, handler)
    : new Proxy(tool, handler);
}

/**
 * A proxy of a frozen tool may not show another `invoke`. So it stands for an
 * empty object of the same class, and shows the tool's fields as its own.
 */
function proxyOfFrozen<Tool extends object>(
  tool: Tool,
  handler: ProxyHandler<Tool>,
): Tool {
  const empty = Object.create(Reflect.getPrototypeOf(tool)) as Tool;
  return new Proxy(empty, {
    ...handler,
    has: (_, key) => Reflect.has(tool, key),
    ownKeys: () => Reflect.ownKeys(tool),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(tool, key);
      // The empty object has no such field, so none may be fixed.
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}

/**
 * The same tool, but it sees `signal` in place of the run's signal. The handler of a
 * middleware takes a tool but no signal, so the tool has to be changed.
 *
 * @param signal is aborted when the run's signal is
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
        const joined = joinSignals(config.signal, signal, replaced);
        const toolConfig = {
          ...withSignal(config, joined),
          ...(config.config && { config: withSignal(config.config, joined) }),
        };
        return insideSignal(joined, () => invoke(input, toolConfig));
      },
  );
}

/** `given` may be the run's signal merged with the `signal` option of the agent. */
function joinSignals(
  given: AbortSignal | undefined,
  signal: AbortSignal,
  replaced: AbortSignal | undefined,
): AbortSignal {
  return given === undefined || given === replaced
    ? signal
    : AbortSignal.any([given, signal]);
}

/**
 * The same tool, but it sees `configurable` in place of its caller's. Its questions
 * to a human then belong to the task or call of this configurable.
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
