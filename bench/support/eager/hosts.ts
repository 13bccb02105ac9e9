import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { BaseMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { createReactAgent, ToolNode } from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import { ParallelToolNode, withEager } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import type { Contender } from "./contenders.js";
import type { Scenario } from "./scenarios.js";

interface State {
  readonly messages: readonly BaseMessage[];
}

interface Agent {
  stream(
    input: { messages: { role: "user"; content: string }[] },
    options: { streamMode: ("messages" | "values")[] },
  ): Promise<AsyncIterable<readonly [mode: string, chunk: unknown]>>;
}

/**
 * Asks an agent that streams its messages, and returns all of them.
 *
 * ChatOpenAI with `streaming: true` isn't the same: without a listener it counts tokens
 * after each answer, with a table that it downloads.
 */
export async function ask(
  agent: Agent,
  content: string,
): Promise<readonly BaseMessage[]> {
  const stream = await agent.stream(
    { messages: [{ role: "user", content }] },
    { streamMode: ["messages", "values"] },
  );
  let state: State = { messages: [] };
  for await (const [mode, chunk] of stream) {
    if (mode === "values") state = chunk as State;
  }
  return state.messages;
}

/** A way to make an agent. */
export interface Host {
  readonly name: string;
  readonly agentOf: (
    contender: Contender,
    model: BaseChatModel,
    tool: StructuredToolInterface,
    options: Scenario["options"],
  ) => Agent;
}

export const HOSTS: readonly Host[] = [
  {
    name: "createAgent",
    agentOf: ({ isStock, eager = false }, model, tool, options) =>
      createAgent({
        model,
        tools: [tool],
        middleware: isStock
          ? []
          : [parallelToolsMiddleware({ ...options, eager })],
      }),
  },
  {
    name: "createReactAgent",
    agentOf({ isStock, eager = false }, model, tool, options) {
      const node = isStock
        ? new ToolNode([tool])
        : new ParallelToolNode([tool], { ...options, eager });
      const llm = eager ? withEager(model, node) : model;
      return createReactAgent({ llm, tools: node });
    },
  },
];
