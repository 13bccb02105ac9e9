import type { RunnableConfig } from "@langchain/core/runnables";

/** What is invoked of a tool; LangChain's own types are wider. */
interface Invokable {
  invoke(input: never, config?: RunnableConfig): unknown;
}

/**
 * A tool that is invoked as a part of another task than its caller's: what it
 * asks a human is that task's question. All else of it is as it was.
 *
 * @param configurable of that task
 */
export function withConfigurable<Tool extends object>(
  tool: Tool,
  configurable: RunnableConfig["configurable"],
): Tool {
  return new Proxy(tool, {
    get(target, key) {
      // With the tool itself as `this`: it may have private fields.
      const value: unknown = Reflect.get(target, key, target);
      if (key !== "invoke") return value;
      return (input: never, config?: RunnableConfig) =>
        (target as unknown as Invokable).invoke(input, {
          ...config,
          ...(configurable && { configurable }),
        });
    },
  });
}
