type Invoke = (input: unknown, config?: never) => unknown;

interface Invocable {
  invoke(input: unknown, config?: unknown): unknown;
}

/**
 * The same tool, but for what its `invoke` does. Other middleware finds all that
 * it knows of the tool in its place. `undefined` where that can't be had: a tool
 * of the model's provider has nothing to run here; of one that is frozen, no
 * proxy may show another `invoke`.
 *
 * @param wrap gives the new `invoke`, from one that calls the tool's own
 */
export function toolWithInvoke<Tool>(
  tool: Tool,
  wrap: (invoke: Invocable["invoke"]) => Invoke,
): Tool | undefined {
  if (!isInvocable(tool) || isFixed(tool, "invoke")) return undefined;
  const invoke = wrap((...args) => tool.invoke(...args));
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
