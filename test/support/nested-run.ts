import type { StructuredTool } from "@langchain/core/tools";
import type { ParallelToolNodeOptions } from "parallel-tools-node";
import { type AgentHost, GO, hostAgent } from "./agent-hosts.js";
import { toolThat } from "./agent-tool.js";
import { LoggedModel } from "./logged-model.js";
import { callOf } from "./messages.js";

/** An agent that is a tool of the agent around it. */
export interface Level {
  readonly host: AgentHost;
  /** `"stock"`: nothing of ours. */
  readonly options: ParallelToolNodeOptions | "stock";
  /** What it calls in each turn: `"a"`, or `"ask"` for the agent inside. */
  readonly turns: readonly (readonly string[])[];
}

/**
 * Agents inside of one another, the outermost first. A call has the id
 * `"0 ask 1"`: by the level, the name, and how many the model wrote before it.
 *
 * @param onChunk is given the custom stream of each agent that is a tool
 */
export function nestAgents(
  levels: readonly Level[],
  tools: readonly StructuredTool[],
  onChunk?: (chunk: unknown) => void,
) {
  const build = (depth: number): ReturnType<typeof hostAgent> => {
    const { host, options, turns } = levels[depth] as Level;
    const inner = levels[depth + 1] && build(depth + 1);
    const ask = toolThat("function", "ask", async () => {
      if (onChunk !== undefined) {
        const stream = await inner!.stream(GO, { streamMode: "custom" });
        for await (const chunk of stream) onChunk(chunk);
        return "streamed";
      }
      const { messages } = await inner!.invoke(GO);
      return String(messages.at(-1)?.text);
    });
    let count = 0;
    const calls = turns.map((names) =>
      names.map((name) => callOf(`${depth} ${name} ${count++}`, name)),
    );
    const model = new LoggedModel(`level ${depth}`, calls, []);
    return hostAgent(host, model, inner ? [ask, ...tools] : tools, options);
  };
  return build(0);
}
