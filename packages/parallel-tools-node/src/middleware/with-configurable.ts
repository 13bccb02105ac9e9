import type { RunnableConfig } from "@langchain/core/runnables";

/** What is invoked of a tool; LangChain's own types are wider. */
interface Invokable {
  invoke(input: never, config?: ToolConfig): unknown;
}

/** The config that `createAgent` gives a tool, with that of the task in it. */
interface ToolConfig extends RunnableConfig {
  config?: RunnableConfig;
}

/**
 * A tool that is invoked with another configurable than its caller's: what it
 * asks a human is a question of the task, or of the call, that this one is of.
 * All else of it is as it was.
 */
export function withConfigurable<Tool extends object>(
  tool: Tool,
  configurable: NonNullable<RunnableConfig["configurable"]>,
): Tool {
  return new Proxy(tool, {
    get(target, key) {
      // With the tool itself as `this`: it may have private fields.
      const value: unknown = Reflect.get(target, key, target);
      if (key !== "invoke") return value;
      return (input: never, config?: ToolConfig) => {
        const own: ToolConfig = { ...config, configurable };
        if (own.config) own.config = { ...own.config, configurable };
        return (target as unknown as Invokable).invoke(input, own);
      };
    },
  });
}
