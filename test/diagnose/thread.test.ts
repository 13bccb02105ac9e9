import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  RemoveMessage,
} from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  Annotation,
  MemorySaver,
  MessagesAnnotation,
  messagesStateReducer,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ParallelToolNode } from "parallel-tools-node";
import { diagnoseThread } from "parallel-tools-node/diagnose";

const get = tool(({ id }) => `this is ${id}`, {
  name: "get",
  schema: z.object({ id: z.string() }),
});
const asks = (id: string) =>
  new AIMessage({
    content: "",
    tool_calls: [{ id: `call-${id}`, name: "get", args: { id } }],
  });
const options = { reads: ["get"] };
const config = (thread_id: string) => ({ configurable: { thread_id } });

/** An agent whose model answers with the messages of a script, one by one. */
function agentThatSays(script: BaseMessage[]) {
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", () => ({
      messages: [script.shift() ?? new AIMessage("")],
    }))
    .addNode("tools", new ParallelToolNode([get]))
    .addEdge("__start__", "agent")
    .addConditionalEdges("agent", ({ messages }) => {
      const last = messages.at(-1) as AIMessage | undefined;
      return last?.tool_calls?.length ? "tools" : "__end__";
    })
    .addEdge("tools", "agent")
    .compile({ checkpointer: new MemorySaver() });
}

describe("the history of a thread", () => {
  test("is read with what each turn took", async () => {
    const graph = agentThatSays([
      asks("alpha"),
      asks("beta"),
      new AIMessage("Done."),
    ]);
    await graph.invoke(
      { messages: [new HumanMessage("Look at alpha and beta")] },
      config("1"),
    );
    const diagnosis = await diagnoseThread(graph, config("1"), options);
    expect(diagnosis).toMatchObject({
      conversations: 1,
      calls: 2,
      turns: 2,
      turnsNeeded: 1,
    });
    expect(diagnosis.findings[0]?.calls.map(({ id }) => id)).toEqual([
      "call-alpha",
      "call-beta",
    ]);
    expect(diagnosis.secondsSaved).toEqual(expect.any(Number));
  });

  test("is read over several runs, each a stretch of its own", async () => {
    const graph = agentThatSays([
      asks("alpha"),
      new AIMessage("Done."),
      asks("beta"),
      new AIMessage("Done."),
    ]);
    for (const text of ["Look at alpha and beta", "Go on"]) {
      await graph.invoke({ messages: [new HumanMessage(text)] }, config("1"));
    }
    expect(await diagnoseThread(graph, config("1"), options)).toMatchObject({
      turns: 2,
      turnsNeeded: 2,
    });
  });

  test("holds what was removed from the state since", async () => {
    const graph = agentThatSays([
      asks("alpha"),
      asks("beta"),
      new AIMessage("Done."),
    ]);
    await graph.invoke(
      { messages: [new HumanMessage("Look at alpha and beta")] },
      config("1"),
    );
    const { values } = await graph.getState(config("1"));
    const { messages } = values as { messages: BaseMessage[] };
    await graph.updateState(config("1"), {
      messages: messages.map(({ id }) => new RemoveMessage({ id: id ?? "" })),
    });
    expect(await diagnoseThread(graph, config("1"), options)).toMatchObject({
      turns: 2,
      turnsNeeded: 1,
    });
  });

  test("is that of the branch of the last checkpoint", async () => {
    const graph = agentThatSays([
      asks("alpha"),
      new AIMessage("Done."),
      asks("beta"),
      new AIMessage("Done."),
    ]);
    const question = { messages: [new HumanMessage("Look at alpha and beta")] };
    await graph.invoke(question, config("1"));
    const history = [];
    for await (const state of graph.getStateHistory(config("1"))) {
      history.push(state);
    }
    const beforeAgent = history.find(({ next }) => next[0] === "agent");
    const first = history.findLast(({ next }) => next[0] === "agent");
    expect(beforeAgent).not.toBe(first);
    await graph.invoke(null, first?.config ?? {});
    const { findings, calls } = await diagnoseThread(
      graph,
      config("1"),
      options,
    );
    expect(calls).toBe(1);
    expect(findings).toEqual([]);
  });

  test("may keep its messages under another key", async () => {
    const State = Annotation.Root({
      talk: Annotation<BaseMessage[]>({
        reducer: messagesStateReducer,
        default: () => [],
      }),
    });
    const said = [asks("alpha"), asks("beta")];
    const graph = new StateGraph(State)
      .addNode("agent", () => ({ talk: said }))
      .addEdge("__start__", "agent")
      .compile({ checkpointer: new MemorySaver() });
    await graph.invoke({ talk: [new HumanMessage("Go")] }, config("1"));
    const diagnosis = await diagnoseThread(graph, config("1"), {
      ...options,
      messagesKey: "talk",
    });
    expect(diagnosis.calls).toBe(2);
  });

  test("has to be there", async () => {
    const graph = agentThatSays([]);
    await expect(
      diagnoseThread(graph, config("none"), options),
    ).rejects.toThrow(
      'Expected `config` to be that of a thread with a checkpoint, got `{"configurable":{"thread_id":"none"}}` (object)',
    );
  });
});
