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

it("of two interrupts, that of the lower index is thrown, whoever was faster", async () => {
  const asking = tool(
    async (_args, runtime) => {
      const { toolCallId } = runtime as unknown as { toolCallId: string };
      if (toolCallId === "a") await settle();
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
  expect(await interruptsOf(StockToolNode)).toEqual([{ id: "b", value: "b" }]);
  expect(await interruptsOf(ParallelToolNode)).toEqual([
    { id: "a", value: "a" },
  ]);
});

function startGraph(
  Node: typeof StockToolNode,
  checkpointer = new MemorySaver(),
) {
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
    .compile({ checkpointer });
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

it.each([
  ["stock", StockToolNode],
  ["ours", ParallelToolNode],
])("two interrupts surface one after the other (%s)", async (_, Node) => {
  const run = startGraph(Node);
  expect(questions(await run({ messages: input }))).toEqual(["a?"]);
  const second = await run(new Command({ resume: "yes" }));
  expect(questions(second)).toEqual(["b?"]);
  const end = await run(new Command({ resume: "no" }));
  expect(questions(end)).toEqual([]);
  expect(answers(end)).toEqual(["a: yes", "b: no"]);
});

it("an answer stays with its call when another one asks first", async () => {
  const slowFirst = [ask(callOf("slow", "ask"), callOf("b", "ask"))];
  async function answered(Node: typeof StockToolNode) {
    const run = startGraph(Node);
    const shown: string[] = [];
    let state: unknown = await run({ messages: slowFirst });
    while (isInterrupted(state) && shown.length < 5) {
      const [first] = state[INTERRUPT];
      const question = String(first?.value);
      shown.push(question);
      const resume = { [String(first?.id)]: `for ${question}` };
      state = await run(new Command({ resume }));
    }
    return { shown, said: answers(state as { messages: BaseMessage[] }) };
  }
  expect(await answered(ParallelToolNode)).toEqual({
    shown: ["slow?", "b?"],
    said: ["slow: for slow?", "b: for b?"],
  });
  // The stock node asks in the order of time, and answers in it.
  expect((await answered(StockToolNode)).shown).toEqual(["b?", "slow?"]);
});

it("what a stock node has asked is asked again, and not answered by guess", async () => {
  const checkpointer = new MemorySaver();
  const stock = startGraph(StockToolNode, checkpointer);
  const first = await stock({ messages: input });
  const id = isInterrupted(first) ? String(first[INTERRUPT][0]?.id) : "";
  const ours = startGraph(ParallelToolNode, checkpointer);
  const second = await ours(new Command({ resume: { [id]: "yes" } }));
  expect(questions(second)).toEqual(["a?"]);
  expect(questions(await ours(new Command({ resume: "no" })))).toEqual(["b?"]);
  const end = await ours(new Command({ resume: "yes" }));
  expect(answers(end)).toEqual(["a: no", "b: yes"]);
});
