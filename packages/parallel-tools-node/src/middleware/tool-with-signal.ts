import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { toolWithInvoke } from "./tool-with-invoke.js";

/** The config that `createAgent` gives a tool: its own, and in it that of the task. */
interface ToolConfig extends LangGraphRunnableConfig {
  readonly config?: LangGraphRunnableConfig;
}

/**
 * The same tool, but that it sees `signal`, which follows the run's, where the
 * run's signal would be. The handler of a middleware takes a tool, but no
 * signal.
 *
 * @param replaced the run's signal
 */
export function toolWithSignal<Tool>(
  tool: Tool,
  signal: AbortSignal,
  replaced: AbortSignal | undefined,
): Tool {
  const changed = toolWithInvoke(
    tool,
    (invoke) =>
      (input: unknown, config: ToolConfig = {}) =>
        invoke(input, {
          ...config,
          signal: join(config.signal, signal, replaced),
          ...(config.config && {
            config: {
              ...config.config,
              signal: join(config.config.signal, signal, replaced),
            },
          }),
        }),
  );
  return changed ?? tool;
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
