import { type StructuredTool, tool } from "@langchain/core/tools";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { ParallelToolNodeOptions } from "parallel-tools-node";
import { z } from "zod";
import {
  type AgentHost,
  GO,
  hostAgent,
  readRun,
} from "../../support/agent-hosts.js";
import { LoggedModel } from "../../support/logged-model.js";
import { callOf } from "../../support/messages.js";

/** Lets all promises settle that can: others start meanwhile if they may. */
export function turns(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** How many run at once, at most. */
export class Peak {
  most = 0;
  #now = 0;

  async during<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#now += 1;
    this.most = Math.max(this.most, this.#now);
    try {
      return await work();
    } finally {
      this.#now -= 1;
    }
  }
}

interface NestedOptions {
  /** Of the agent and of those inside of it. */
  readonly host: AgentHost;
  /** `"stock"`: the agents between have nothing of ours. */
  readonly between?: AgentHost | undefined;
  readonly options: ParallelToolNodeOptions;
  /** How many subagents one message asks for. */
  readonly width: number;
  /** How many searches each of the innermost agents asks for. */
  readonly searches: number;
  /** Agents inside of one another, with the outermost. */
  readonly depth: number;
  readonly config?: Partial<LangGraphRunnableConfig>;
}

/** What a run of agents inside of agents has come to. */
export interface NestedRun {
  /** Of the outermost agent. */
  readonly answers: readonly string[];
  readonly searches: Peak;
  readonly tasks: Peak;
}

/**
 * Runs an agent whose tool `task` runs an agent, and so on; the innermost one
 * searches. All of them have the same options.
 */
export async function runNested({
  host,
  between = host,
  options,
  width,
  searches,
  depth,
  config = {},
}: NestedOptions): Promise<NestedRun> {
  const run: NestedRun = {
    answers: [],
    searches: new Peak(),
    tasks: new Peak(),
  };
  const search = tool(
    () =>
      run.searches.during(async () => {
        await turns();
        return "hit";
      }),
    { name: "search", description: "Searches.", schema: z.object({}) },
  );
  /** A node takes policies for its own tools alone. */
  const optionsFor = (tools: readonly StructuredTool[]) => ({
    ...options,
    ...(options.policies && {
      policies: Object.fromEntries(
        Object.entries(options.policies).filter(([name]) =>
          tools.some((one) => one.name === name),
        ),
      ),
    }),
  });
  const agentAt = (level: number) => {
    const isInnermost = level === depth;
    const calls = Array.from(
      { length: isInnermost ? searches : level === 1 ? width : 2 },
      (_, i) => callOf(`${level}-${i}`, isInnermost ? "search" : "task"),
    );
    const tools: StructuredTool[] = [isInnermost ? search : taskAt(level + 1)];
    const model = new LoggedModel(`agent ${level}`, [calls], []);
    const isBetween = level > 1 && !isInnermost;
    return hostAgent(
      isBetween ? between : host,
      model,
      tools,
      isBetween && between !== host ? "stock" : optionsFor(tools),
    );
  };
  const taskAt = (level: number): StructuredTool => {
    const agent = agentAt(level);
    return tool(
      () =>
        run.tasks.during(async () => {
          const { messages } = await agent.invoke(GO);
          return readRun(messages).answers.join(", ");
        }),
      { name: "task", description: "Delegates.", schema: z.object({}) },
    );
  };
  const { messages } = await agentAt(1).invoke(GO, config);
  return { ...run, answers: readRun(messages).answers };
}
