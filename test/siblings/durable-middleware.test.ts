import { ToolMessage } from "@langchain/core/messages";
import { MemorySaver } from "@langchain/langgraph";
import { createMiddleware } from "langchain";
import { describe, expect, test } from "vitest";
import { Notes } from "../middleware/support/notes.js";
import {
  ScriptedAgent,
  VERSIONS,
} from "../middleware/support/scripted-agent.js";
import { callOf } from "../support/messages.js";

const CALLS = [
  callOf("1", "pay"),
  callOf("2", "ask"),
  callOf("3", "use", { paid: "$1", said: "$2" }),
];

describe.each(VERSIONS)("createAgent %s with `durable`", (version) => {
  /** As each process makes one of its own. */
  function start(checkpointer: MemorySaver, calls = CALLS, options = {}) {
    const notes = new Notes();
    const tools = [
      ...notes.tools("pay", "use"),
      notes.failing("break"),
      notes.asking(),
      notes.asking("ask_more"),
    ];
    const agent = new ScriptedAgent(tools, [calls], {
      version,
      checkpointer,
      options: {
        durable: true,
        references: true,
        arrivalTimeoutMs: 1e9,
        ...options,
      },
    });
    return { agent, notes };
  }

  test("a finished call is not run again, and what it gave is there", async () => {
    const checkpointer = new MemorySaver();
    const first = start(checkpointer);
    const paused = await first.agent.run();
    expect(paused.interrupts.map(({ value }) => value)).toEqual(["ask?"]);
    expect(first.notes.log).toContain("pay end");

    const second = start(checkpointer);
    const { answers } = await second.agent.run("yes");
    expect(answers).toEqual([
      "1 ok: pay done",
      "2 ok: said yes",
      "3 ok: use done",
    ]);
    expect(second.notes.log).toEqual([
      "ask",
      "ask end",
      'use {"paid":"pay done","said":"said yes"}',
      "use end",
    ]);
  });

  test("a call that has failed is not run again either", async () => {
    const checkpointer = new MemorySaver();
    const calls = [callOf("1", "break"), callOf("2", "ask")];
    const first = start(checkpointer, calls);
    await first.agent.run();
    expect(first.notes.log).toContain("break");

    const second = start(checkpointer, calls);
    const { answers } = await second.agent.run("yes");
    expect(answers).toEqual([
      "1 error: Error: break is broken\n Please fix your mistakes.",
      "2 ok: said yes",
    ]);
    expect(second.notes.log).toEqual(["ask", "ask end"]);
  });

  test("two questions of one message are both put, and both answered", async () => {
    const checkpointer = new MemorySaver();
    const calls = [callOf("1", "ask"), callOf("2", "ask_more")];
    const options = { sequential: true };
    await start(checkpointer, calls, options).agent.run();
    const left = await start(checkpointer, calls, options).agent.run("first");
    expect(left.interrupts.map(({ value }) => value)).toEqual(["ask_more?"]);
    const last = start(checkpointer, calls, options);
    const { answers } = await last.agent.run("second");
    expect(answers).toEqual(["1 ok: said first", "2 ok: said second"]);
    expect(last.notes.log).toEqual(["ask_more", "ask_more end"]);
  });
});

test.each(VERSIONS)(
  "a finished call that refers to a twin of another is not run again, %s",
  async (version) => {
    const notes = new Notes();
    const calls = [
      callOf("1", "pay"),
      callOf("2", "pay"),
      callOf("3", "use", { paid: "$2" }),
      callOf("4", "ask"),
    ];
    const agent = new ScriptedAgent(
      [...notes.tools("pay", "use"), notes.asking()],
      [calls],
      {
        version,
        checkpointer: new MemorySaver(),
        options: {
          durable: true,
          references: true,
          policies: { pay: { dedupe: true } },
        },
      },
    );
    await agent.run();
    const { answers } = await agent.run("yes");
    expect(answers[2]).toBe("3 ok: use done");
    expect(notes.log.filter((line) => line.startsWith("use {"))).toEqual([
      'use {"paid":"pay done"}',
    ]);
  },
);

test("a finished call that refers to one that other middleware has answered keeps none waiting", async () => {
  const checkpointer = new MemorySaver();
  const notes = new Notes();
  const answersPay = createMiddleware({
    name: "AnswersPay",
    wrapToolCall(request, handler) {
      const { name, id: tool_call_id = "" } = request.toolCall;
      if (name !== "pay") return handler(request);
      return new ToolMessage({ name, tool_call_id, content: "paid" });
    },
  });
  const calls = [
    callOf("1", "pay"),
    callOf("2", "use", { paid: "$1" }),
    callOf("3", "ask"),
  ];
  const agent = new ScriptedAgent(
    [...notes.tools("pay", "use"), notes.asking()],
    [calls],
    {
      version: "v2",
      checkpointer,
      before: [answersPay],
      options: {
        durable: true,
        references: true,
        policies: { ask: { after: ["use"] } },
        arrivalTimeoutMs: 1e9,
      },
    },
  );
  await agent.run();
  const { answers } = await agent.run("yes");
  expect(answers).toEqual(["1 ok: paid", "2 ok: use done", "3 ok: said yes"]);
  expect(notes.log).toEqual([
    'use {"paid":"paid"}',
    "use end",
    "ask",
    "ask",
    "ask end",
  ]);
});
