import { ToolMessage } from "@langchain/core/messages";
import { MemorySaver } from "@langchain/langgraph";
import { createMiddleware } from "langchain";
import { afterEach, describe, expect, test, vi } from "vitest";
import { waitedForAbsent } from "@/answers/not-run.js";
import { callOf } from "../support/messages.js";
import { createGate } from "../integration/support/gates.js";
import { settle } from "../support/fake-clock.js";
import { Notes } from "./support/notes.js";
import { ScriptedAgent, VERSIONS } from "./support/scripted-agent.js";

afterEach(() => vi.restoreAllMocks());

const HARD = { policies: { next: { after: ["first"] } } };
const CALLS = [callOf("1", "first"), callOf("2", "next")];

/** Answers the calls of a tool itself: they never come to be run. */
function answering(name: string) {
  return createMiddleware({
    name: "answering",
    wrapToolCall: (request, handler) =>
      request.toolCall.name === name
        ? new ToolMessage({
            content: "from elsewhere",
            name,
            tool_call_id: request.toolCall.id ?? "",
          })
        : handler(request),
  });
}

const ABSENT = waitedForAbsent({ ordinal: 1, name: "first" });

describe.each(VERSIONS)(
  "a sibling that never comes, createAgent %s,",
  (version) => {
    test("doesn't leave those hanging that wait for it", async () => {
      const notes = new Notes();
      const agent = new ScriptedAgent(notes.tools("first", "next"), [CALLS], {
        version,
        options: { ...HARD, arrivalTimeoutMs: 0 },
        before: [answering("first")],
      });
      const { answers } = await agent.run();
      expect(answers).toEqual(["1 ok: from elsewhere", `2 error: ${ABSENT}`]);
      expect(notes.log).toEqual([]);
    });

    test("holds up nobody who doesn't wait for it", async () => {
      const notes = new Notes();
      const agent = new ScriptedAgent(notes.tools("first", "next"), [CALLS], {
        version,
        before: [answering("first")],
      });
      const { answers } = await agent.run();
      expect(answers).toEqual(["1 ok: from elsewhere", "2 ok: next done"]);
    });

    test("is reported as one that was not run", async () => {
      const reports: unknown[] = [];
      const notes = new Notes();
      const agent = new ScriptedAgent(notes.tools("first", "next"), [CALLS], {
        version,
        options: {
          arrivalTimeoutMs: 0,
          onReport: ({ calls }) => reports.push(...calls),
        },
        before: [answering("first")],
      });
      await agent.run();
      await vi.waitFor(() => expect(reports).toHaveLength(2));
      expect(reports).toMatchObject([
        { id: "1", outcome: "aborted", attempts: 0 },
        { id: "2", outcome: "ok", attempts: 1 },
      ]);
    });

    test("is run when it comes after all", async () => {
      const notes = new Notes();
      const answered = createGate();
      const late = createMiddleware({
        name: "late",
        wrapToolCall: async (request, handler) => {
          if (request.toolCall.name === "first") await answered.opened;
          const answer = await handler(request);
          answered.open();
          return answer;
        },
      });
      const agent = new ScriptedAgent(notes.tools("first", "next"), [CALLS], {
        version,
        options: { ...HARD, arrivalTimeoutMs: 0 },
        before: [late],
      });
      const { answers } = await agent.run();
      expect(answers).toEqual(["1 ok: first done", `2 error: ${ABSENT}`]);
    });
  },
);

test("where each call is a task, what has ended elsewhere is found with the checkpoint", async () => {
  const notes = new Notes();
  const calls = [...CALLS, callOf("3", "use", { text: "$1" })];
  const agent = new ScriptedAgent(
    notes.tools("first", "next", "use"),
    [calls],
    {
      checkpointer: new MemorySaver(),
      options: { ...HARD, references: true, arrivalTimeoutMs: 1e9 },
      before: [answering("first")],
    },
  );
  const { answers } = await agent.run();
  expect(answers).toEqual([
    "1 ok: from elsewhere",
    "2 ok: next done",
    "3 ok: use done",
  ]);
  expect(notes.log).toContain('use {"text":"from elsewhere"}');
});

test("a checkpointer that breaks is none, and nothing hangs", async () => {
  const notes = new Notes();
  class Broken extends MemorySaver {
    isBroken = false;
    override async getTuple(...args: Parameters<MemorySaver["getTuple"]>) {
      if (this.isBroken) throw new Error("the disk is gone");
      return super.getTuple(...args);
    }
  }
  const checkpointer = new Broken();
  const agent = new ScriptedAgent(notes.tools("first", "next"), [CALLS], {
    checkpointer,
    options: { ...HARD, arrivalTimeoutMs: 0 },
    before: [
      createMiddleware({
        name: "breaking",
        beforeModel: () => {
          checkpointer.isBroken = true;
        },
      }),
      answering("first"),
    ],
  });
  const { answers } = await agent.run();
  expect(answers).toEqual(["1 ok: from elsewhere", `2 error: ${ABSENT}`]);
});

describe("fewer tasks at once than calls", () => {
  const calls = [
    callOf("1", "next"),
    callOf("2", "next"),
    callOf("3", "first"),
  ];

  test("don't stand in each other's way: one that waits gives way at once", async () => {
    const notes = new Notes();
    const agent = new ScriptedAgent(notes.tools("first", "next"), [calls], {
      options: { ...HARD, arrivalTimeoutMs: 1e9 },
      config: { configurable: { thread_id: "t" }, maxConcurrency: 2 },
    });
    const { answers } = await agent.run();
    expect(answers).toEqual([
      "1 ok: next done",
      `2 error: ${waitedForAbsent({ ordinal: 3, name: "first" })}`,
      "3 ok: first done",
    ]);
    expect(notes.log).toEqual(["first", "first end", "next", "next end"]);
  });

  test("are run in their order where that goes", async () => {
    const notes = new Notes();
    const agent = new ScriptedAgent(
      notes.tools("first", "next"),
      [calls.toReversed()],
      {
        options: HARD,
        config: { configurable: { thread_id: "t" }, maxConcurrency: 2 },
      },
    );
    const { answers } = await agent.run();
    expect(answers.map((answer) => answer.slice(0, 4))).toEqual([
      "3 ok",
      "2 ok",
      "1 ok",
    ]);
    expect(notes.log.slice(0, 2)).toEqual(["first", "first end"]);
  });

  test("of which LangGraph drops some are a warning that says what to do, once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const notes = new Notes();
    const plain = [callOf("1", "first"), callOf("2", "first", { n: 2 })];
    const agent = new ScriptedAgent(notes.tools("first"), [plain, plain], {
      config: { configurable: { thread_id: "t" }, maxConcurrency: 1 },
    });
    await agent.run();
    await vi.waitFor(() => expect(warn).toHaveBeenCalled());
    await agent.run();
    for (let turn = 0; turn < 5; turn += 1) await settle();
    expect(warn.mock.calls).toEqual([
      [
        'parallel-tools-node: LangGraph has run 1 of the 2 tool calls of a message and dropped the others, as it does with `maxConcurrency: 1` where each call is a task of its own. Use `version: "v1"` of the agent, which keeps to it, or leave `maxConcurrency` out and use the option `sequential: true`.',
      ],
    ]);
  });

  test("keep to one at a time in one task", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const notes = new Notes();
    const plain = [callOf("1", "first"), callOf("2", "next")];
    const agent = new ScriptedAgent(notes.tools("first", "next"), [plain], {
      version: "v1",
      config: { configurable: { thread_id: "t" }, maxConcurrency: 1 },
    });
    await agent.run();
    expect(notes.log).toEqual(["first", "first end", "next", "next end"]);
    expect(warn).not.toHaveBeenCalled();
  });
});

/** Gives all calls but the first one arguments that refer to it. */
const referring = createMiddleware({
  name: "referring",
  wrapToolCall: (request, handler) => {
    const { toolCall } = request;
    if (toolCall.name === "first") return handler(request);
    const args = { text: "$1" };
    return handler({ ...request, toolCall: { ...toolCall, args } });
  },
});

describe.each(VERSIONS)(
  "arguments that a middleware changes, createAgent %s,",
  (version) => {
    const changing = createMiddleware({
      name: "changing",
      wrapToolCall: (request, handler) => {
        const { toolCall } = request;
        const args = { ...toolCall.args, by: "middleware" };
        return handler({ ...request, toolCall: { ...toolCall, args } });
      },
    });

    test.each(["before", "after"])(
      "are what the tool sees, %s ours",
      async (place) => {
        const notes = new Notes();
        const calls = [callOf("1", "a", { n: 1 }), callOf("2", "a", { n: 2 })];
        const agent = new ScriptedAgent(notes.tools("a"), [calls], {
          version,
          [place]: [changing],
        });
        await agent.run();
        expect(notes.log.slice(0, 2)).toEqual([
          'a {"n":1,"by":"middleware"}',
          'a {"n":2,"by":"middleware"}',
        ]);
      },
    );

    test("may hold references, to what has ended by then", async () => {
      const notes = new Notes();
      const agent = new ScriptedAgent(notes.tools("first", "next"), [CALLS], {
        version,
        options: { ...HARD, references: true },
        before: [referring],
      });
      await agent.run();
      expect(notes.log).toContain('next {"text":"first done"}');
    });

    test("that refer to what has not ended are an error that says so", async () => {
      const notes = new Notes();
      const agent = new ScriptedAgent(notes.tools("first", "next"), [CALLS], {
        version,
        options: { references: true },
        before: [referring],
      });
      const { answers } = await agent.run();
      expect(answers[1]).toMatch(
        /^2 error: Not run: .*call 1 has no output here/,
      );
    });
  },
);

describe.each(VERSIONS)("odd calls, createAgent %s,", (version) => {
  test("each get one answer: no ids, equal ids, names and ids of objects", async () => {
    const notes = new Notes();
    const calls = [
      callOf("same", "a", { n: 1 }),
      callOf("same", "a", { n: 2 }),
      callOf("__proto__", "a", { n: 3 }),
      callOf("constructor", "toString", {}),
    ];
    const agent = new ScriptedAgent(notes.tools("a"), [calls], { version });
    const { answers } = await agent.run();
    expect(answers).toEqual([
      "same ok: a done",
      "same ok: a done",
      "__proto__ ok: a done",
      "constructor error: Error: toString is not a valid tool, try one of [a].",
    ]);
    expect(notes.log.filter((entry) => entry !== "a end")).toEqual([
      'a {"n":1}',
      'a {"n":2}',
      'a {"n":3}',
    ]);
  });
});
