import type { AIMessage, ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import {
  type Command,
  type LangGraphRunnableConfig,
  MessagesAnnotation,
  StateGraph,
} from "@langchain/langgraph";
import {
  createReactAgent,
  type ToolNode as StockToolNode,
  type toolsCondition as stockToolsCondition,
  type ToolNodeOptions,
} from "@langchain/langgraph/prebuilt";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  ToolNode,
  toolsCondition,
} from "parallel-tools-node";
import { describe, expectTypeOf, it } from "vitest";

const tools: StockToolNode["tools"] = [];

describe("ParallelToolNode", () => {
  it("goes wherever a ToolNode goes", () => {
    expectTypeOf<ParallelToolNode>().toExtend<StockToolNode>();
    expectTypeOf(new ParallelToolNode(tools)).toExtend<StockToolNode>();
    const node: StockToolNode = new ParallelToolNode(tools);
    createReactAgent({
      llm: new FakeListChatModel({ responses: [] }),
      tools: new ParallelToolNode(tools),
    });
    new StateGraph(MessagesAnnotation).addNode("tools", node);
    new StateGraph(MessagesAnnotation).addNode(
      "tools",
      new ParallelToolNode(tools),
    );
  });

  it("takes the parameters of the stock node", () => {
    type Stock = ConstructorParameters<typeof StockToolNode>;
    type Ours = ConstructorParameters<typeof ParallelToolNode>;
    expectTypeOf<Stock>().toExtend<Ours>();
    expectTypeOf<Ours[0]>().toEqualTypeOf<Stock[0]>();
    expectTypeOf<ToolNodeOptions>().toExtend<ParallelToolNodeOptions>();
  });

  it("has the stock node's type parameter and its default", () => {
    interface State {
      messages: AIMessage[];
    }
    expectTypeOf<ParallelToolNode<State>>().toExtend<StockToolNode<State>>();
    expectTypeOf<ParallelToolNode<State>["invoke"]>().toEqualTypeOf<
      StockToolNode<State>["invoke"]
    >();
    expectTypeOf<ParallelToolNode["invoke"]>().toEqualTypeOf<
      StockToolNode["invoke"]
    >();
  });

  it("is subclassed as the stock node is", () => {
    class Mine extends ParallelToolNode {
      protected override async runTool(
        call: ToolCall,
        config: LangGraphRunnableConfig,
        state: unknown,
      ): Promise<ToolMessage | Command> {
        expectTypeOf(super.runTool(call, config, state)).resolves.toEqualTypeOf<
          ToolMessage | Command
        >();
        return super.runTool(call, config, state);
      }
    }
    expectTypeOf<Mine>().toExtend<StockToolNode>();
  });

  it("shows nothing of its own on top", () => {
    type Own = Exclude<keyof ParallelToolNode, keyof StockToolNode>;
    expectTypeOf<Own>().toBeNever();
  });
});

describe("ToolNode", () => {
  it("is a value and a type, so that only the import path changes", () => {
    expectTypeOf(ToolNode).toEqualTypeOf<typeof ParallelToolNode>();
    const node: ToolNode = new ToolNode(tools, { name: "tools" });
    expectTypeOf(node).toEqualTypeOf<ParallelToolNode>();
    expectTypeOf<ToolNode<string>>().toEqualTypeOf<ParallelToolNode<string>>();
  });

  it("brings toolsCondition along", () => {
    expectTypeOf(toolsCondition).toEqualTypeOf<typeof stockToolsCondition>();
  });
});
