import type { StructuredTool } from "@langchain/core/tools";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import {
  createReactAgent,
  ToolNode as StockNode,
} from "@langchain/langgraph/prebuilt";
import { createDeepAgent } from "deepagents";
import { createAgent, humanInTheLoopMiddleware } from "langchain";
import { ParallelToolNode, read, write } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import type { HostName } from "./protocol.js";
import { REVIEWED, scenarioOf } from "./scenario.js";
import { ScriptedModel } from "./scripted-model.js";

/** What is used of either kind of agent. */
export interface Host {
  invoke(input: unknown, config: object): Promise<unknown>;
  getState(config: object): Promise<{
    readonly values: unknown;
    readonly tasks: readonly {
      readonly interrupts: readonly {
        readonly id?: string;
        readonly value?: unknown;
      }[];
    }[];
  }>;
}

const OPTIONS = {
  durable: true,
  references: true,
  policies: {
    read: { access: ({ doc }: Doc) => [read(doc)] },
    write: { access: ({ doc }: Doc) => [write(doc)] },
    tell: { after: ["write", "deploy"] },
    // Of the subagent's calls one is to come after the other, too.
    deploy: { after: ["task"] },
    approve: { after: ["pay"] },
  },
};

/** A node knows its tools, and `task` is none of them. */
const NODE_OPTIONS = {
  ...OPTIONS,
  policies: { ...OPTIONS.policies, deploy: {} },
};

interface Doc {
  readonly doc: string;
}

/** The agent as each process makes one of its own. */
export function createHost(
  name: HostName,
  tools: StructuredTool[],
  checkpointer: BaseCheckpointSaver,
): Host {
  const { calls, nested } = scenarioOf(name);
  const llm = new ScriptedModel(calls, "parent");
  const ours = () => parallelToolsMiddleware(OPTIONS);
  switch (name) {
    case "ToolNode":
    case "ParallelToolNode":
      return createReactAgent({
        llm,
        tools:
          name === "ToolNode"
            ? new StockNode(tools)
            : new ParallelToolNode(tools, NODE_OPTIONS),
        checkpointSaver: checkpointer,
      }) as Host;
    case "createAgent":
      return agentWith(llm, tools, checkpointer, []);
    case "middleware":
      return agentWith(llm, tools, checkpointer, [ours()]);
    case "approvals":
      return agentWith(llm, tools, checkpointer, [reviewing(), ours()]);
    case "deepagents":
      return createDeepAgent({
        model: llm,
        tools,
        checkpointer,
        subagents: [
          {
            name: "kid",
            description: "Asks.",
            systemPrompt: "Ask.",
            model: new ScriptedModel(nested, "kid", "yes"),
            tools,
            middleware: [ours()],
          },
        ],
        middleware: [ours()],
      } as never);
  }
}

function agentWith(
  model: ScriptedModel,
  tools: StructuredTool[],
  checkpointer: BaseCheckpointSaver,
  middleware: readonly object[],
): Host {
  return createAgent({
    model,
    tools,
    checkpointer,
    middleware,
  } as never) as Host;
}

function reviewing(): object {
  const interruptOn = Object.fromEntries(REVIEWED.map((name) => [name, true]));
  return humanInTheLoopMiddleware({ interruptOn } as never);
}
