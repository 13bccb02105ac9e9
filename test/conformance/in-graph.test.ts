import { HumanMessage } from "@langchain/core/messages";
import {
  Command,
  END,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import fc from "fast-check";
import { ParallelToolNode } from "parallel-tools-node";
import { expect, it } from "vitest";
import {
  messagesOf,
  type NodeInput,
  nodeInputs,
} from "../support/arbitrary-node-input.js";
import { observe } from "../support/observe-node.js";
import { scriptedTools } from "../support/scripted-tools.js";

/** The node in a subgraph, so that Commands have a parent graph to go to. */
function graphAround(node: ToolNode, hasCheckpointer: boolean) {
  const say = (text: string) => () => ({ messages: [new HumanMessage(text)] });
  const inner = new StateGraph(MessagesAnnotation)
    .addNode("tools", node, { ends: ["next"] })
    .addNode("next", say("next ran"))
    .addEdge(START, "tools")
    .addEdge("next", END)
    .compile();
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", inner, { ends: ["elsewhere"] })
    .addNode("elsewhere", say("elsewhere ran"))
    .addEdge(START, "agent")
    .compile(hasCheckpointer ? { checkpointer: new MemorySaver() } : {});
}

async function observeGraph(
  Node: typeof ToolNode | typeof ParallelToolNode,
  input: NodeInput,
  hasCheckpointer: boolean,
) {
  const { handleToolErrors, specs } = input;
  const tools = scriptedTools(specs.map(({ step }) => step));
  const graph = graphAround(
    new Node(tools, { handleToolErrors }),
    hasCheckpointer,
  );
  const config = { configurable: { thread_id: "1" } };
  let asks = false;
  const first = await observe(async () => {
    const result = await graph.invoke({ messages: messagesOf(input) }, config);
    asks = isInterrupted(result);
    return result;
  });
  if (!asks || !hasCheckpointer) return [first];
  const second = await observe(() =>
    graph.invoke(new Command({ resume: "yes" }), config),
  );
  return [first, second];
}

function expectSame(hasCheckpointer: boolean, numRuns: number) {
  return fc.assert(
    fc.asyncProperty(nodeInputs({ canAsk: hasCheckpointer }), async (input) => {
      const stock = await observeGraph(ToolNode, input, hasCheckpointer);
      const ours = await observeGraph(ParallelToolNode, input, hasCheckpointer);
      expect(ours).toStrictEqual(stock);
    }),
    { numRuns },
  );
}

it("the node leaves a graph in the state in which the stock node leaves it", async () => {
  await expectSame(false, 150);
}, 30_000);

it("the node interrupts and resumes a checkpointed graph as the stock node does", async () => {
  await expectSame(true, 100);
}, 30_000);
