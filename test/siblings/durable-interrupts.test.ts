import { AIMessage, type ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { StructuredTool } from "@langchain/core/tools";
import { tool, type ToolRuntime } from "@langchain/core/tools";
import {
  Command,
  INTERRUPT,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import {
  type BatchReport,
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { waitedForFailed } from "@/answers/not-run.js";
import { Notes } from "../middleware/support/notes.js";
import { answerLines, ask, callOf } from "../support/messages.js";

afterEach(() => vi.restoreAllMocks());

const CONFIG = { configurable: { thread_id: "t" } };

/** A thread whose tools node is made anew for each process that goes on with it. */
class Thread {
  readonly notes = new Notes();
  readonly #saver = new MemorySaver();
  readonly #calls: ToolCall[];
  readonly #options: ParallelToolNodeOptions;
  readonly #tools: StructuredTool[];

  constructor(
    calls: ToolCall[],
    options: ParallelToolNodeOptions = {},
    tools: StructuredTool[] = [],
  ) {
    this.#calls = calls;
    this.#options = options;
    this.#tools = [
      ...tools,
      ...this.notes.tools("pay", "use"),
      this.notes.asking(),
      this.notes.asking("ask_more"),
    ];
  }

  /** In a new process: nothing but the checkpointer is the same. */
  async run(resume?: unknown) {
    this.notes.log.length = 0;
    const node = new ParallelToolNode(this.#tools, {
      durable: true,
      ...this.#options,
    });
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("tools", node)
      .addEdge(START, "tools")
      .compile({ checkpointer: this.#saver });
    const state: unknown = await graph.invoke(
      resume === undefined
        ? { messages: [ask(...this.#calls)] }
        : (new Command({ resume }) as never),
      CONFIG,
    );
    const { messages } = state as typeof MessagesAnnotation.State;
    return {
      answers: answerLines(
        messages.filter((m): m is ToolMessage => !(m instanceof AIMessage)),
      ),
      interrupts: isInterrupted<string>(state) ? state[INTERRUPT] : [],
      log: [...this.notes.log],
    };
  }
}

test("a call beyond maxCalls is refused in the report of a run that goes on, too", async () => {
  const reports: BatchReport[] = [];
  const thread = new Thread([callOf("a", "ask"), callOf("b", "use")], {
    maxCalls: 1,
    onReport: (report) => reports.push(report),
  });
  await thread.run();
  await thread.run("yes");
  const outcomes = reports.map(({ calls }) =>
    calls.map(({ id, outcome }) => `${id} ${outcome}`),
  );
  expect(outcomes).toEqual([
    ["a interrupted", "b refused"],
    ["a ok", "b refused"],
  ]);
});

describe("with `durable`,", () => {
  test("a call that has ended is not run again after an interrupt", async () => {
    const thread = new Thread([
      callOf("1", "pay"),
      callOf("2", "ask"),
      callOf("3", "use"),
    ]);
    const paused = await thread.run();
    expect(paused.interrupts.map(({ value }) => value)).toEqual(["ask?"]);
    expect(paused.log).toContain("pay end");
    const { answers, log } = await thread.run("yes");
    expect(answers).toEqual([
      "1 ok: pay done",
      "2 ok: said yes",
      "3 ok: use done",
    ]);
    expect(log).toEqual(["ask", "ask end"]);
  });

  test("all interrupts surface, and are answered by their ids, in any order", async () => {
    const thread = new Thread(
      [
        callOf("1", "ask"),
        callOf("2", "pay"),
        callOf("3", "ask_more"),
        callOf("4", "use", { a: "$1", b: "$2", c: "$3" }),
      ],
      { references: true },
    );
    const { interrupts } = await thread.run();
    expect(interrupts.map(({ value }) => value)).toEqual(["ask?", "ask_more?"]);
    const [one, two] = interrupts.map(({ id }) => String(id));
    expect(one).not.toBe(two);
    const left = await thread.run({ [two as string]: "second" });
    expect(left.interrupts.map(({ value }) => value)).toEqual(["ask?"]);
    expect(left.log).not.toContain("pay");
    const { answers, log } = await thread.run({ [one as string]: "first" });
    expect(answers).toEqual([
      "1 ok: said first",
      "2 ok: pay done",
      "3 ok: said second",
      "4 ok: use done",
    ]);
    expect(log).toContain(
      'use {"a":"said first","b":"pay done","c":"said second"}',
    );
  });

  test("all interrupts may be answered together", async () => {
    const thread = new Thread([callOf("1", "ask"), callOf("2", "ask_more")]);
    const { interrupts } = await thread.run();
    const [one, two] = interrupts.map(({ id }) => String(id));
    const { answers } = await thread.run({
      [one as string]: "first",
      [two as string]: "second",
    });
    expect(answers).toEqual(["1 ok: said first", "2 ok: said second"]);
  });

  test("a plain answer goes to the one who asked, not to one who asks later", async () => {
    const thread = new Thread([callOf("1", "ask"), callOf("2", "ask_more")], {
      sequential: true,
    });
    await thread.run();
    const more = await thread.run("to the first");
    expect(more.interrupts.map(({ value }) => value)).toEqual(["ask_more?"]);
    const { answers } = await thread.run("to the second");
    expect(answers).toEqual([
      "1 ok: said to the first",
      "2 ok: said to the second",
    ]);
  });

  test("order and barriers hold across the pause", async () => {
    const thread = new Thread(
      [
        callOf("1", "pay"),
        callOf("2", "ask"),
        callOf("3", "use"),
        callOf("4", "pay", { n: 2 }),
      ],
      { policies: { ask: { sequential: true } } },
    );
    expect((await thread.run()).log).toEqual(["pay", "pay end", "ask"]);
    const { log } = await thread.run("yes");
    expect(log.slice(0, 2)).toEqual(["ask", "ask end"]);
    expect(log.slice(2, 4).toSorted()).toEqual(['pay {"n":2}', "use"]);
  });

  test("what is behind a replan call stays deferred", async () => {
    const thread = new Thread([callOf("1", "ask"), callOf("2", "pay")], {
      policies: { ask: { sequential: "replan" } },
    });
    await thread.run();
    const { answers, log } = await thread.run("yes");
    expect(log).toEqual(["ask", "ask end"]);
    expect(answers[1]).toMatch(/^2 error: Not run: call 1 \(ask\)/);
  });

  test("calls beside an interrupt are run to their end, in one go", async () => {
    const thread = new Thread(
      [callOf("1", "ask"), callOf("2", "pay"), callOf("3", "use")],
      { maxConcurrency: 1 },
    );
    expect((await thread.run()).log).toEqual([
      "ask",
      "pay",
      "pay end",
      "use",
      "use end",
    ]);
  });

  test("Commands and errors are kept, too", async () => {
    const update = tool(
      (_, { toolCallId }: ToolRuntime) =>
        new Command({
          update: {
            messages: [
              {
                role: "tool",
                content: "noted",
                tool_call_id: toolCallId,
              } as never,
            ],
          },
        }),
      { name: "note", description: "Notes.", schema: z.object({}) },
    );
    let runs = 0;
    const broken = tool(
      () => {
        runs += 1;
        throw new Error("no");
      },
      { name: "broken", description: "Breaks.", schema: z.object({}) },
    );
    const thread = new Thread(
      [
        callOf("1", "note"),
        callOf("2", "broken"),
        callOf("3", "ask"),
        callOf("4", "pay"),
      ],
      { policies: { pay: { after: ["broken", "ask"] } } },
      [update, broken] as never[],
    );
    await thread.run();
    const { answers } = await thread.run("yes");
    expect(answers).toEqual([
      "1 ok: noted",
      "2 error: Error: no\n Please fix your mistakes.",
      "3 ok: said yes",
      `4 error: ${waitedForFailed({ ordinal: 2, name: "broken" })}`,
    ]);
    expect(runs).toBe(1);
  });

  test("a call that failed is run again when the run is, where errors are thrown", async () => {
    let isBroken = true;
    const notes: string[] = [];
    const flaky = tool(
      () => {
        notes.push("flaky");
        if (isBroken) throw new Error("down");
        return "up";
      },
      { name: "flaky", description: "Breaks.", schema: z.object({}) },
    );
    const saver = new MemorySaver();
    const build = () =>
      new StateGraph(MessagesAnnotation)
        .addNode(
          "tools",
          new ParallelToolNode([flaky], {
            durable: true,
            handleToolErrors: false,
          }),
        )
        .addEdge(START, "tools")
        .compile({ checkpointer: saver });
    await expect(
      build().invoke({ messages: [ask(callOf("1", "flaky"))] }, CONFIG),
    ).rejects.toThrow("down");
    isBroken = false;
    const { messages } = await build().invoke(null, CONFIG);
    expect(messages.at(-1)?.text).toBe("up");
    expect(notes).toEqual(["flaky", "flaky"]);
  });
});

describe("`durable` without what it needs", () => {
  test("is a warning, once, and runs calls as ever", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const notes = new Notes();
    const node = new ParallelToolNode(notes.tools("pay"), { durable: true });
    for (const id of ["1", "2"]) {
      const { messages } = await node.invoke({
        messages: [ask(callOf(id, "pay"))],
      });
      expect(answerLines(messages)).toEqual([`${id} ok: pay done`]);
    }
    expect(warn.mock.calls).toEqual([
      [
        "parallel-tools-node: `durable` needs a graph with a checkpointer, and there is none. Calls are not kept: after an interrupt, those that had ended run again.",
      ],
    ]);
  });
});
