// What the server serves: agents of three kinds, each without us ("Stock"), and
// in three forms with us. createAgent says in its two versions who runs the calls.
import { ToolNode as StockToolNode } from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  read,
  write,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { createAgentGraph } from "../../../support/create-agent-graph.js";
import { MessageModel } from "./message-model.js";
import { tools } from "./tools.js";

/** No cap holds back what a test keeps running: threads would share it. */
const POLICIES: ParallelToolNodeOptions = {
  policies: {
    announces: { after: ["plain"] },
    asks: { concurrency: 1 },
    counts: { access: [read("kid")] },
    delegates: { access: [write("kid")] },
    follows: { after: ["waits"] },
    narrates: { concurrency: 1 },
  },
};
const DURABLE: ParallelToolNodeOptions = { durable: true };

export const nodeStock = createGraph(new StockToolNode(tools));
export const nodePlain = createGraph(new ParallelToolNode(tools));
export const nodePolicies = createGraph(new ParallelToolNode(tools, POLICIES));
export const nodeDurable = createGraph(new ParallelToolNode(tools, DURABLE));

export const v1Stock = createAgentOf("v1");
export const v1Plain = createAgentOf("v1", {});
export const v1Policies = createAgentOf("v1", POLICIES);
export const v1Durable = createAgentOf("v1", DURABLE);

export const v2Stock = createAgentOf("v2");
export const v2Plain = createAgentOf("v2", {});
export const v2Policies = createAgentOf("v2", POLICIES);
export const v2Durable = createAgentOf("v2", DURABLE);

function createGraph(node: StockToolNode) {
  const model = new MessageModel();
  return createAgentGraph(
    (messages, config) => model.invoke(messages, config),
    node,
  );
}

function createAgentOf(
  version: "v1" | "v2",
  options?: ParallelToolNodeOptions,
): unknown {
  return createAgent({
    model: new MessageModel(),
    tools,
    middleware: options === undefined ? [] : [parallelToolsMiddleware(options)],
    version,
  });
}
