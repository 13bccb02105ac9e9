import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  Command,
  GraphInterrupt,
  INTERRUPT,
  interrupt,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode as StockToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode } from "parallel-tools-node";
import { expect, it } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";

const input = [ask(callOf("a", "ask"), callOf("b", "ask"))];

it("two interrupts of one batch are thrown as one", async () => {
  const asking = tool(
    (_args, runtime) => {
      const { toolCallId } = runtime as unknown as { toolCallId: string };
      throw new GraphInterrupt([{ id: toolCallId, value: toolCallId }]);
    },
    { name: "ask", description: "Asks.", schema: z.object({}) },
  );
  async function interruptsOf(Node: typeof StockToolNode) {
    const error: unknown = await new Node([asking])
      .invoke(input)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GraphInterrupt);
    return (error as GraphInterrupt).interrupts;
  }
  expect(await interruptsOf(StockToolNode)).toEqual([{ id: "a", value: "a" }]);
  expect(await interruptsOf(ParallelToolNode)).toEqual([
    { id: "a", value: "a" },
    { id: "b", value: "b" },
  ]);
});

function startGraph(Node: typeof StockToolNode) {
  const asking = tool(
    async (_args, runtime) => {
      const { toolCallId } = runtime as unknown as { toolCallId: string };
      if (toolCallId === "slow") await settle();
      return `${toolCallId}: ${String(interrupt(`${toolCallId}?`))}`;
    },
    { name: "ask", description: "Asks.", schema: z.object({}) },
  );
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("tools", new Node([asking]))
    .addEdge(START, "tools")
    .compile({ checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: "1" } };
  return (step: Parameters<typeof graph.invoke>[0]) =>
    graph.invoke(step, config);
}
const questions = (state: unknown) =>
  isInterrupted(state) ? state[INTERRUPT].map(({ value }) => value) : [];
const answers = (state: { messages: BaseMessage[] }) =>
  state.messages
    .filter((message) => !AIMessage.isInstance(message))
    .map(({ content }) => content);

it("both surface in a graph, and are answered one after the other", async () => {
  const stock = startGraph(StockToolNode);
  expect(questions(await stock({ messages: input }))).toEqual(["a?"]);

  const ours = startGraph(ParallelToolNode);
  expect(questions(await ours({ messages: input }))).toEqual(["a?", "b?"]);
  // LangGraph hands a resumed task its answers in the order of its questions;
  // what has no answer yet is asked again.
  const second = await ours(new Command({ resume: "yes" }));
  expect(questions(second)).toEqual(["b?"]);
  const end = await ours(new Command({ resume: "no" }));
  expect(questions(end)).toEqual([]);
  expect(answers(end)).toEqual(["a: yes", "b: no"]);
});

it("the first of both is answered by its id too", async () => {
  const ours = startGraph(ParallelToolNode);
  const first = await ours({ messages: input });
  const id = isInterrupted(first) ? first[INTERRUPT][0]?.id : undefined;
  const second = await ours(new Command({ resume: { [id ?? ""]: "yes" } }));
  expect(questions(second)).toEqual(["b?"]);
  const end = await ours(new Command({ resume: "no" }));
  expect(answers(end)).toEqual(["a: yes", "b: no"]);
});

it("an answer reaches the call whose question stands first", async () => {
  const slowFirst = [ask(callOf("slow", "ask"), callOf("b", "ask"))];
  const ours = startGraph(ParallelToolNode);
  const first = await ours({ messages: slowFirst });
  expect(questions(first)).toEqual(["b?", "slow?"]);
  const second = await ours(new Command({ resume: "for b" }));
  expect(questions(second)).toEqual(["slow?"]);
  const end = await ours(new Command({ resume: "for slow" }));
  expect(answers(end)).toEqual(["slow: for slow", "b: for b"]);
});
