import {
  INTERRUPT,
  type Interrupt,
  isInterrupted,
  type LangGraphRunnableConfig,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";

export const INPUT = { messages: [] };

/** A graph of one node, on one thread. `run` gives the open questions. */
export function thread(node: (config: LangGraphRunnableConfig) => unknown) {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("node", async (_, config) => {
      await node(config);
      return {};
    })
    .addEdge(START, "node")
    .compile({ checkpointer: new MemorySaver() });
  const config = {
    configurable: { thread_id: "t" },
    durability: "sync" as const,
  };
  return {
    graph,
    config,
    run: async (input: unknown): Promise<Interrupt[]> => {
      const state: unknown = await graph.invoke(input as never, config);
      return isInterrupted(state) ? state[INTERRUPT] : [];
    },
  };
}
