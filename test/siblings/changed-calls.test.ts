import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  Annotation,
  Command,
  entrypoint,
  INTERRUPT,
  interrupt,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
  task,
} from "@langchain/langgraph";
import { createMiddleware } from "langchain";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Desk, type Host, HOSTS } from "../approvals/desk.js";
import { ask, callOf } from "../support/messages.js";

/** A tool that asks whether to pay, and the log of what was said. */
function paying() {
  const log: string[] = [];
  const pay = tool(
    ({ to }) => {
      const said: string = interrupt(`pay ${to}?`);
      log.push(`${to}: ${said}`);
      return `${to} ${said}`;
    },
    {
      name: "pay",
      description: "Pays.",
      schema: z.object({ to: z.string() }).loose(),
    },
  );
  return { pay, log };
}

const AGENTS = HOSTS.filter(
  ({ base, isInside }) => base.startsWith("agent") && !isInside,
);

describe.each(AGENTS)("in $name, a call that middleware in front", (host) => {
  test.each([
    ["gives another id", "1", "2", { id: true }],
    ["gives an argument more, where ids repeat", "x", "x", { args: true }],
    ["gives an argument more, where ids are empty", "", "", { args: true }],
    ["gives an id, where ids are empty", "", "", { id: true }],
  ])("%s has its own answer", async (_, one, other, change) => {
    const { pay, log } = paying();
    let count = 0;
    const changing = createMiddleware({
      name: "changing",
      wrapToolCall: (request, handler) => {
        const { toolCall } = request;
        count += 1;
        return handler({
          ...request,
          toolCall: {
            ...toolCall,
            ...("id" in change && { id: `${toolCall.id}-${count % 2}` }),
            ...("args" in change && {
              args: { currency: "EUR", ...toolCall.args },
            }),
          },
        });
      },
    });
    const calls = [
      callOf(one, "pay", { to: "ann" }),
      callOf(other, "pay", { to: "bob" }),
    ];
    const desk = new Desk(host, [pay], calls, { before: [changing as never] });
    await desk.start();
    for (let run = 0; desk.open.length > 0 && run < 5; run += 1) {
      const [question = ""] = desk.open.map(({ value }) => String(value));
      await desk.answer({
        [question]: question.includes("ann") ? "yes" : "no",
      });
    }
    expect([...new Set(log)].toSorted()).toEqual(["ann: yes", "bob: no"]);
    expect(desk.answers.map((text) => text.replace(/^.*: /, ""))).toEqual([
      "ann yes",
      "bob no",
    ]);
  });

  test("asks about after it has ended keeps its answer from that question", async () => {
    const { pay } = paying();
    const published: unknown[] = [];
    const publishing = createMiddleware({
      name: "publishing",
      wrapToolCall: async (request, handler) => {
        const answer = await handler(request);
        published.push(interrupt("publish?"));
        return answer;
      },
    });
    const calls = [callOf("1", "pay", { to: "ann" })];
    const desk = new Desk(host, [pay], calls, {
      before: [publishing as never],
    });
    expect(await desk.start()).toEqual(["pay ann?"]);
    expect(await desk.answer({ "pay ann?": "yes" })).toEqual(["publish?"]);
    expect(await desk.answer({ "publish?": "no" })).toEqual([]);
    expect(published).toEqual(["no"]);
    expect(desk.answers).toEqual(["1: ann yes"]);
  });
});

describe("references to calls of one id that middleware in front has changed", () => {
  /** Gives the answers of `get 1` and of a call that refers to it. */
  async function answers(base: Host["base"], names: readonly string[]) {
    const get = tool(({ n }) => ({ n }), {
      name: "get",
      description: "Gives what it gets.",
      schema: z.object({ n: z.any() }).loose(),
    });
    const changing = createMiddleware({
      name: "changing",
      wrapToolCall: (request, handler) => {
        const { toolCall } = request;
        const args = { currency: "EUR", ...toolCall.args };
        return handler({ ...request, toolCall: { ...toolCall, args } });
      },
    });
    const calls = [1, "$1.n"].map((n, i) => callOf(names[i], "get", { n }));
    const host = AGENTS.find((one) => one.base === base && !one.durable)!;
    const desk = new Desk(host, [get], calls, {
      before: [changing],
      options: { references: true },
    });
    await desk.start();
    return desk.answers;
  }

  test("have no value where nothing else tells which call is which", async () => {
    const [first, second] = await answers("agent v1", ["x", "x"]);
    expect(first).toBe('x: {"n":1}');
    expect(second).toContain(
      'Not run: the reference "$1.n" can\'t be counted: calls of the message may have been put into another order',
    );
  });

  test("have a value where ids or Sends do", async () => {
    for (const [base, names] of [
      ["agent v1", ["x", "y"]],
      ["agent v2", ["x", "x"]],
    ] as const) {
      const given = await answers(base, names);
      expect(given.map((text) => text.replace(/^.*?: /, ""))).toEqual([
        '{"n":1}',
        '{"n":1}',
      ]);
    }
  });
});

/** With version "v2" a plain answer is for all that were open, as in LangGraph. */
const IN_ONE_TASK = HOSTS.filter(
  ({ base, durable, isInside }) => durable && !isInside && !base.endsWith("v2"),
);

test.each(IN_ONE_TASK)(
  "in $name, a plain answer is for one question when `durable` is turned off",
  async (host) => {
    const { pay, log } = paying();
    const checkpointer = new MemorySaver();
    const calls = ["ann", "bob", "cat"].map((to, i) =>
      callOf(String(i), "pay", { to }),
    );
    const before = new Desk(host, [pay], calls, { checkpointer });
    expect(await before.start()).toHaveLength(3);
    const off = { ...host, durable: false };
    const after = new Desk(off, [pay], calls, { checkpointer });
    await after.say("yes");
    expect(log).toEqual(["ann: yes"]);
  },
);

describe("calls that are equal in all that a key can hold", () => {
  const State = Annotation.Root({
    ...MessagesAnnotation.spec,
    who: Annotation<string>,
  });

  test("are told apart by their tasks", async () => {
    const log: string[] = [];
    const pay = tool(
      (_, { state }: { state: { who: string } }) => {
        const said: string = interrupt(`pay ${state.who}?`);
        log.push(`${state.who}: ${said}`);
        return said;
      },
      { name: "pay", description: "Pays.", schema: z.object({}) },
    );
    const message = new AIMessage({
      content: "",
      tool_calls: [callOf("call_0", "pay")],
    });
    const graph = new StateGraph(State)
      .addNode("tools", new ParallelToolNode([pay as never], { durable: true }))
      .addConditionalEdges(START, () =>
        ["ann", "bob"].map(
          (who) => new Send("tools", { messages: [message], who }),
        ),
      )
      .compile({ checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: "t" } };
    let state: unknown = await graph.invoke({ messages: [] }, config);
    while (isInterrupted<string>(state)) {
      const [{ id = "", value = "" } = {}] = state[INTERRUPT];
      const answer = value === "pay ann?" ? "yes" : "no";
      state = await graph.invoke(
        new Command({ resume: { [id]: answer } }),
        config,
      );
    }
    expect(log).toEqual(["ann: yes", "bob: no"]);
  });
});

test("a node inside a task keeps its answers where the run finds them", async () => {
  const { pay, log } = paying();
  const bought: string[] = [];
  const buy = tool(
    () => {
      bought.push("buy");
      return "bought";
    },
    { name: "buy", description: "Buys.", schema: z.object({}) },
  );
  const node = new ParallelToolNode([pay, buy], { durable: true });
  const calls = [
    callOf("0", "buy"),
    callOf("1", "pay", { to: "ann" }),
    callOf("2", "pay", { to: "bob" }),
  ];
  const run = task("tools", async () => {
    const { messages } = await node.invoke({ messages: [ask(...calls)] });
    return (messages as AIMessage[]).map(({ text }) => text);
  });
  const flow = entrypoint(
    { name: "flow", checkpointer: new MemorySaver() },
    () => run(),
  );
  const config = { configurable: { thread_id: "t" } };
  let state: unknown = await flow.invoke("go", config);
  for (let round = 0; isInterrupted<string>(state) && round < 5; round += 1) {
    const [{ id = "", value = "" } = {}] = state[INTERRUPT];
    const answer = value === "pay ann?" ? "yes" : "no";
    state = await flow.invoke(
      new Command({ resume: { [id]: answer } }),
      config,
    );
  }
  expect(state).toEqual(["bought", "ann yes", "bob no"]);
  expect(bought).toEqual(["buy"]);
  expect(log).toEqual(["ann: yes", "bob: no"]);
});
