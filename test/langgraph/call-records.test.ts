import { ToolMessage } from "@langchain/core/messages";
import {
  Command,
  interrupt,
  isCommand,
  type LangGraphRunnableConfig,
  MemorySaver,
  Send,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { type CallRecord, CallRecords } from "@/langgraph/call-records.js";
import { INPUT, thread } from "./support/thread.js";

const KEY = ["node", "message", "call"];
const answer = new ToolMessage({ content: "done", tool_call_id: "1" });

/** Keeps a record in the first run and reads it in those after it. */
function keeping(record: CallRecord) {
  const seen: (CallRecord | undefined)[] = [];
  const { run, graph, config } = thread(async (task) => {
    const records = await CallRecords.open(task, true);
    seen.push(records.get(KEY));
    if (seen.length === 1) await records.put(KEY, record);
    interrupt("?");
  });
  return { run, graph, config, seen };
}

describe("the record of a call", () => {
  test("is there when the run resumes", async () => {
    const { run, seen } = keeping({
      answer,
      isThrown: true,
      isPlainText: true,
    });
    await run(INPUT);
    expect(await run(new Command({ resume: "yes" }))).toEqual([]);
    expect(seen[0]).toBeUndefined();
    expect(seen[1]?.answer).toBeInstanceOf(ToolMessage);
    expect(seen[1]).toMatchObject({
      answer: { content: "done", tool_call_id: "1" },
      isThrown: true,
      isPlainText: true,
    });
  });

  test("has a Command with all of its fields", async () => {
    const command = new Command({
      graph: Command.PARENT,
      update: { messages: [answer], other: 1 },
      goto: ["next", new Send("worker", { messages: [answer] })],
    });
    const { run, seen } = keeping({ answer: command });
    await run(INPUT);
    await run(new Command({ resume: "yes" }));
    const kept = seen[1]?.answer as Command;
    expect(isCommand(kept)).toBe(true);
    expect(kept.graph).toBe(Command.PARENT);
    const { messages, other } = kept.update as Record<string, unknown>;
    expect((messages as ToolMessage[])[0]).toBeInstanceOf(ToolMessage);
    expect(other).toBe(1);
    const [next, send] = kept.goto as [string, Send];
    expect(next).toBe("next");
    expect(send).toBeInstanceOf(Send);
    expect(send.node).toBe("worker");
  });

  test("is invisible to LangGraph", async () => {
    const { run, graph, config } = keeping({ answer });
    await run(INPUT);
    const { tasks, values } = await graph.getState(config);
    expect(tasks.map(({ interrupts }) => interrupts.length)).toEqual([1]);
    expect(values.messages).toEqual([]);
  });

  test("is there for an attempt of the same task, whatever is saved", async () => {
    const task: LangGraphRunnableConfig = {
      signal: new AbortController().signal,
      configurable: {},
    };
    const records = await CallRecords.open(task, true);
    await records.put(KEY, { answer });
    const again = { ...task, configurable: { __pregel_resuming: true } };
    expect((await CallRecords.open(again, true)).get(KEY)?.answer).toBe(answer);
  });
});

describe("a checkpointer that can't be read", () => {
  test("ends the run, and is read again by the next attempt", async () => {
    const saver = new MemorySaver();
    const task = (signal: AbortSignal): LangGraphRunnableConfig => ({
      signal,
      configurable: {
        __pregel_resuming: true,
        __pregel_checkpointer: saver,
        thread_id: "t",
        checkpoint_ns: "tools:1",
        checkpoint_map: { "": "1" },
      },
    });
    const { signal } = new AbortController();
    const down = new Error("The server is away.");
    const getTuple = saver.getTuple.bind(saver);
    saver.getTuple = () => Promise.reject(down);
    await expect(CallRecords.open(task(signal), true)).rejects.toBe(down);
    saver.getTuple = getTuple;
    await expect(CallRecords.open(task(signal), true)).resolves.toBeDefined();
  });
});
