import { describe, expect, test } from "vitest";
import { callOf } from "../support/messages.js";
import { Notes } from "./support/notes.js";
import { ScriptedAgent, VERSIONS } from "./support/scripted-agent.js";

describe.each(VERSIONS)("createAgent %s", (version) => {
  test("runs calls at once where nothing is said of them", async () => {
    const notes = new Notes();
    const calls = [callOf("1", "a"), callOf("2", "b")];
    const agent = new ScriptedAgent(notes.tools("a", "b"), [calls], {
      version,
    });
    const { answers } = await agent.run();
    expect(notes.log).toEqual(["a", "b", "a end", "b end"]);
    expect(answers).toEqual(["1 ok: a done", "2 ok: b done"]);
  });

  test("lets a call come after a later one, and answers in the order of the message", async () => {
    const notes = new Notes();
    const calls = [callOf("1", "b"), callOf("2", "a")];
    const agent = new ScriptedAgent(notes.tools("a", "b"), [calls], {
      version,
      options: { policies: { b: { after: ["a"] } } },
    });
    const { answers } = await agent.run();
    expect(notes.log).toEqual(["a", "a end", "b", "b end"]);
    expect(answers).toEqual(["1 ok: b done", "2 ok: a done"]);
  });

  test("runs a barrier alone, between all before it and all after it", async () => {
    const notes = new Notes();
    const names = ["a", "wall", "b", "c"];
    const calls = names.map((name, i) => callOf(String(i), name));
    const agent = new ScriptedAgent(notes.tools(...names), [calls], {
      version,
      options: { policies: { wall: { sequential: true } } },
    });
    await agent.run();
    expect(notes.log).toEqual([
      "a",
      "a end",
      "wall",
      "wall end",
      "b",
      "c",
      "b end",
      "c end",
    ]);
  });

  test("runs one call at a time where the invocation asks for it", async () => {
    const notes = new Notes();
    const calls = ["1", "2", "3"].map((id) => callOf(id, "a", { id }));
    const agent = new ScriptedAgent(notes.tools("a"), [calls], {
      version,
      config: { configurable: { thread_id: "t", toolExecution: "sequential" } },
    });
    await agent.run();
    expect(notes.log).toEqual([
      'a {"id":"1"}',
      "a end",
      'a {"id":"2"}',
      "a end",
      'a {"id":"3"}',
      "a end",
    ]);
  });

  test("answers identical calls of a tool that reads with one run", async () => {
    const notes = new Notes();
    const calls = ["1", "2", "3"].map((id) => callOf(id, "a"));
    const agent = new ScriptedAgent(notes.tools("a"), [calls], {
      version,
      options: { policies: { a: { readOnly: true } } },
    });
    const { answers } = await agent.run();
    expect(notes.log).toEqual(["a", "a end"]);
    expect(answers).toEqual(["1 ok: a done", "2 ok: a done", "3 ok: a done"]);
  });

  test("hands the output of one call to the next", async () => {
    const notes = new Notes();
    const find = notes.tool("find", () => ({ items: [{ id: 7 }] }));
    const calls = [
      callOf("1", "find"),
      callOf("2", "buy", { id: "$1.items[0].id" }),
    ];
    const agent = new ScriptedAgent([find, notes.tool("buy")], [calls], {
      version,
      options: { references: true },
    });
    const { messages } = await agent.run();
    expect(notes.log).toEqual(["find", "find end", 'buy {"id":7}', "buy end"]);
    // The history keeps what the model wrote.
    expect(messages[1]).toMatchObject({
      tool_calls: [{ name: "find" }, { args: { id: "$1.items[0].id" } }],
    });
  });

  test("counts a cap over all batches of the agent", async () => {
    const notes = new Notes();
    const calls = ["1", "2"].map((id) => callOf(id, "a", { id }));
    const agent = new ScriptedAgent(notes.tools("a"), [calls, calls], {
      version,
      options: { policies: { a: { concurrency: 1 } } },
    });
    await Promise.all([agent.run(), agent.run()]);
    const starts = notes.log.filter((entry) => entry !== "a end");
    expect(notes.log).toEqual(starts.flatMap((start) => [start, "a end"]));
    expect(starts.length).toBeGreaterThanOrEqual(4);
  });

  test("reports a batch once, with the arguments that the tools saw", async () => {
    const reports: unknown[] = [];
    const notes = new Notes();
    const find = notes.tool("find", () => ({ id: 7 }));
    const calls = [callOf("1", "find"), callOf("2", "buy", { id: "$1.id" })];
    const agent = new ScriptedAgent([find, notes.tool("buy")], [calls], {
      version,
      options: {
        references: true,
        reportArguments: true,
        onReport: (report) => reports.push(report),
      },
    });
    await agent.run();
    expect(reports).toMatchObject([
      {
        shape: "chain",
        calls: [
          { id: "1", outcome: "ok", attempts: 1, args: {} },
          { id: "2", outcome: "ok", attempts: 1, args: { id: 7 } },
        ],
      },
    ]);
  });
});
