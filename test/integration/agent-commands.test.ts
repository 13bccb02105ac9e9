import { AIMessage, isToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { Command, END, Send, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode, toolsCondition } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createAgent, deliver, settings } from "./support/agents.js";
import {
  ANSWERS,
  CALLS,
  createRemember,
  Notebook,
  plain,
} from "./support/notebook.js";
import { withoutIds } from "./support/without-ids.js";
import { useModelServer } from "./support/use-model-server.js";

const server = useModelServer();

describe.each(settings())("in $name,", ({ host, delivery }) => {
  test("answers that come as Commands reach the model in the order of the message", async () => {
    const script = server.script([CALLS, "Done."], delivery.model);
    await deliver(
      createAgent(host, script.model, [plain, createRemember()], {
        policies: { remember: { concurrency: 1 } },
      }),
      delivery,
    );

    expect(script.answers(1)).toEqual(
      ANSWERS.map((content, i) => ({ id: CALLS[i]?.id, content })),
    );
  });
});

describe("Commands with an update and a goto", () => {
  function createGraph(node: ToolNode) {
    const { model } = server.script([CALLS, "Done."]);
    const bound = model.bindTools(node.tools);
    return new StateGraph(Notebook)
      .addNode("agent", async ({ messages }) => ({
        messages: [await bound.invoke(messages)],
        visited: ["agent"],
      }))
      .addNode("tools", node, { ends: ["archive"] })
      .addNode("archive", ({ notes }) => ({
        visited: [`archive of ${notes.length}`],
      }))
      .addEdge(START, "agent")
      .addConditionalEdges("agent", toolsCondition, ["tools", END])
      .addEdge("tools", "agent")
      .compile();
  }

  test("change the state and lead on, as with the stock node", async () => {
    const tools = [plain, createRemember("archive")];
    const ours = await createGraph(new ParallelToolNode(tools)).invoke({});
    const stock = await createGraph(new ToolNode(tools)).invoke({});

    expect(ours.notes).toEqual(["note 1", "note 3"]);
    expect(ours.visited.toSorted()).toEqual(["agent", "agent", "archive of 2"]);
    expect(ours.messages.slice(1, 5).map(({ text }) => text)).toEqual(ANSWERS);
    expect(comparable(ours)).toEqual(comparable(stock));
  });

  /** Each graph has a model of its own, by name. */
  function comparable({ messages, ...state }: typeof Notebook.State): unknown {
    return { ...state, answers: withoutIds(messages.filter(isToolMessage)) };
  }
});

describe("Commands for the parent graph", () => {
  const delegate = tool(
    async ({ task }) =>
      new Command({
        graph: Command.PARENT,
        goto: [new Send("worker", { task })],
      }),
    {
      name: "delegate",
      description: "Gives a task away.",
      schema: z.object({ task: z.string() }),
    },
  );

  function createGraph(node: ToolNode) {
    const calls = ["dig", "plant"].map((task) => ({
      id: task,
      name: "delegate",
      args: { task },
    }));
    const team = new StateGraph(Notebook)
      .addNode("boss", () => ({
        messages: [new AIMessage({ content: "", tool_calls: calls })],
      }))
      .addNode("tools", node)
      .addEdge(START, "boss")
      .addEdge("boss", "tools")
      .compile();
    return new StateGraph(Notebook)
      .addNode("team", team, { ends: ["worker"] })
      .addNode("worker", (state) => ({
        notes: [`did ${(state as unknown as { task: string }).task}`],
      }))
      .addEdge(START, "team")
      .compile();
  }

  test("reach the parent graph together, in the order of the message", async () => {
    const ours = await createGraph(new ParallelToolNode([delegate])).invoke({});
    const stock = await createGraph(new ToolNode([delegate])).invoke({});

    expect(ours.notes).toEqual(["did dig", "did plant"]);
    expect(withoutIds(ours)).toEqual(withoutIds(stock));
  });
});
