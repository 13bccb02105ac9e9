import { ToolMessage } from "@langchain/core/messages";
import {
  Command,
  interrupt,
  isCommand,
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { expect, it } from "vitest";
import {
  Durability,
  numberedTask,
  reviveResult,
} from "@/langgraph/durable-task.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import { INPUT, thread } from "./support/thread.js";

silenceWarnings();

/** What a task returns, as a later run gets it from the checkpoint. */
async function fromCheckpoint(result: unknown): Promise<unknown> {
  let kept: unknown;
  let count = 0;
  const { run } = thread(async (config) => {
    kept = await numberedTask(config, "task", 0, () => {
      count += 1;
      return Promise.resolve(result);
    });
    interrupt("?");
  });
  await run(INPUT);
  await run(new Command({ resume: "yes" }));
  expect(count).toBe(1);
  return kept;
}

it("a Command comes from a checkpoint as its fields, and is revived", async () => {
  const command = new Command({
    update: { count: 1 },
    goto: [new Send("node", { text: "hello" }), "other"],
  });
  const kept = await fromCheckpoint(command);
  expect(isCommand(kept)).toBe(false);
  expect(kept).toMatchObject({
    lg_name: "Command",
    goto: [{ node: "node", args: { text: "hello" } }, "other"],
  });
  const revived = reviveResult(kept);
  expect(isCommand(revived)).toBe(true);
  const { update, goto } = revived as Command;
  expect(update).toEqual({ count: 1 });
  expect(goto).toEqual([new Send("node", { text: "hello" }), "other"]);
  expect([goto].flat()[0]).toBeInstanceOf(Send);
});

it("a Command comes from a checkpoint without its graph", async () => {
  const command = new Command({ graph: Command.PARENT, goto: "other" });
  expect(await fromCheckpoint(command)).not.toHaveProperty("graph");
});

it("a message comes from a checkpoint as it was", async () => {
  const answer = new ToolMessage({ content: "found", tool_call_id: "a" });
  const kept = await fromCheckpoint(answer);
  expect(kept).toBeInstanceOf(ToolMessage);
  expect(reviveResult(kept)).toBe(kept);
});

it("a graph can make tasks if, and only if, it has a checkpointer", async () => {
  const durability = new Durability();
  const seen: boolean[] = [];
  await thread((config) => seen.push(durability.holdsFor(config))).run(INPUT);
  await new StateGraph(MessagesAnnotation)
    .addNode("node", (_, config) => {
      seen.push(durability.holdsFor(config));
      return {};
    })
    .addEdge(START, "node")
    .compile()
    .invoke(INPUT);
  expect(seen).toEqual([true, false]);
  expect(durability.holdsFor({})).toBe(false);
});
