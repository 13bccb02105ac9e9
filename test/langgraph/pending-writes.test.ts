import { ToolMessage } from "@langchain/core/messages";
import {
  Command,
  interrupt,
  type LangGraphRunnableConfig,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { expect, it } from "vitest";
import {
  keptTasks,
  pendingAnswers,
  pendingWrites,
} from "@/langgraph/pending-writes.js";
import { INTERRUPT, taskIdOf } from "@/langgraph/task.js";
import { INPUT } from "./support/thread.js";

/** Fails when LangGraph keeps what tasks write elsewhere, or in another form. */
it("what a task of a step has written is kept until the step ends", async () => {
  const ids: Record<string, string | undefined> = {};
  let seen: unknown;
  const ask = async (_: unknown, config: LangGraphRunnableConfig) => {
    ids["ask"] = taskIdOf(config);
    const answers = await pendingAnswers(config);
    const writes = await pendingWrites(config);
    seen = {
      answers: [...answers].map(([id, { content }]) => [id, content]),
      kept: [...(await keptTasks(config))],
      questions: writes
        .filter(([id, channel]) => id === ids["ask"] && channel === INTERRUPT)
        .map(([, , value]) => value),
    };
    interrupt("?");
    return {};
  };
  const answer = (_: unknown, config: LangGraphRunnableConfig) => {
    ids["answer"] = taskIdOf(config);
    const message = new ToolMessage({ content: "found", tool_call_id: "a" });
    return { messages: [message] };
  };
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("ask", ask)
    .addNode("answer", answer)
    .addEdge(START, "ask")
    .addEdge(START, "answer")
    .compile({ checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: "t" } };
  await graph.invoke(INPUT, { ...config, durability: "sync" });
  const { ask: first, answer: other } = ids;
  await graph.invoke(new Command({ resume: "yes" }), config);
  expect(ids["ask"]).toBe(first);
  expect(seen).toEqual({
    answers: [["a", "found"]],
    kept: [other],
    questions: [[expect.objectContaining({ value: "?" })]],
  });
});
