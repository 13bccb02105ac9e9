import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  Command,
  INTERRUPT,
  interrupt,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createScriptedGraph, INPUT } from "./support/scripted-graph.js";

const NODES = {
  "the stock node": (tools: ToolNode["tools"]) => new ToolNode(tools),
  "the node": (tools: ToolNode["tools"]) => new ParallelToolNode(tools),
  "the node with a cap of 1": (tools: ToolNode["tools"]) =>
    new ParallelToolNode(tools, { maxConcurrency: 1 }),
};
const CALLS = [
  { id: "1", name: "plain" },
  { id: "2", name: "nested" },
  { id: "3", name: "plain" },
];
const CONFIG = { configurable: { thread_id: "thread" } };
const schema = z.object({});

const plain = tool(async () => "plain", {
  name: "plain",
  description: "Answers.",
  schema,
});

/** A tool that runs a graph, and a log of what that graph did. */
function createNested(lastStep: () => string) {
  const log: string[] = [];
  const inner = new StateGraph(MessagesAnnotation)
    .addNode("first", () => {
      log.push("first");
      return { messages: [new HumanMessage("first")] };
    })
    .addNode("second", () => {
      log.push("second");
      return { messages: [new HumanMessage(lastStep())] };
    })
    .addEdge(START, "first")
    .addEdge("first", "second")
    .compile();
  const nested = tool(
    async () => String((await inner.invoke({})).messages.at(-1)?.text),
    { name: "nested", description: "Runs a graph.", schema },
  );
  return { log, nested };
}

describe.each(Object.entries(NODES))("a graph in a tool of %s", (_, create) => {
  test("shows its steps in the stream of the run", async () => {
    const { nested } = createNested(() => "second");
    const graph = createScriptedGraph(create([plain, nested]), CALLS);

    const seen: string[] = [];
    for await (const [path, chunk] of await graph.stream(INPUT, {
      streamMode: "updates",
      subgraphs: true,
    })) {
      // Behind the name of a node stands the id of its task.
      const nodes = path.map((step) => step.split(":")[0]);
      seen.push([...nodes, ...Object.keys(chunk)].join("/"));
    }

    expect(seen).toEqual([
      "agent",
      "tools/first",
      "tools/second",
      "tools",
      "agent",
    ]);
  });

  test("asks a human, and goes on where it was", async () => {
    const { log, nested } = createNested(() => interrupt("sure?"));
    const graph = createScriptedGraph(create([plain, nested]), CALLS, {
      checkpointer: new MemorySaver(),
    });

    const asked: unknown = await graph.invoke(INPUT, CONFIG);
    const { messages } = await graph.invoke(
      new Command({ resume: "sure" }),
      CONFIG,
    );

    expect(
      isInterrupted(asked) && asked[INTERRUPT].map(({ value }) => value),
    ).toEqual(["sure?"]);
    expect(log).toEqual(["first", "second", "second"]);
    expect(messages.slice(2).map(({ text }) => text)).toEqual([
      "plain",
      "sure",
      "plain",
      "Done.",
    ]);
  });
});
