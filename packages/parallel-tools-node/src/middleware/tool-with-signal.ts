import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { insideSignal, withSignal } from "../langgraph/nested-signal.js";
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
      (input: unknown, config: ToolConfig = {}) => {
        const heard = join(config.signal, signal, replaced);
        const own = {
          ...withSignal(config, heard),
          ...(config.config && { config: withSignal(config.config, heard) }),
        };
        return insideSignal(heard, () => invoke(input, own));
      },
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
