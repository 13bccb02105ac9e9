import type { StructuredTool } from "@langchain/core/tools";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import {
  createReactAgent,
  ToolNode as StockNode,
} from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import { ParallelToolNode, read, write } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import type { HostName } from "./protocol.js";
import { scenarioCalls } from "./scenario.js";
import { ScriptedModel } from "./scripted-model.js";

/** What is used of either kind of agent. */
export interface Host {
  invoke(input: unknown, config: object): Promise<unknown>;
  getState(config: object): Promise<{
    readonly values: unknown;
    readonly tasks: readonly {
      readonly interrupts: readonly { readonly id?: string }[];
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
  },
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
  const canRefer = name === "ParallelToolNode" || name === "middleware";
  const llm = new ScriptedModel(scenarioCalls(canRefer));
  if (name === "createAgent" || name === "middleware") {
    return createAgent({
      model: llm,
      tools,
      checkpointer,
      middleware:
        name === "middleware"
          ? [parallelToolsMiddleware(OPTIONS as never)]
          : [],
    } as never) as Host;
  }
  const node =
    name === "ToolNode"
      ? new StockNode(tools)
      : new ParallelToolNode(tools, OPTIONS);
  return createReactAgent({
    llm,
    tools: node,
    checkpointSaver: checkpointer,
  }) as Host;
}
