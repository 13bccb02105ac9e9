import {
  type BaseMessage,
  HumanMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { lastMessageIn, readSiblings } from "@/batch/read-batch.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { NotingTools } from "../support/noting-tools.js";

function answerTo(id: string | undefined, content: string): ToolMessage {
  return new ToolMessage({ content, tool_call_id: id as string, name: "get" });
}

/** Runs the tools for a thread; gives what they were given and their answers. */
async function run(...messages: BaseMessage[]) {
  const stage = new NotingTools();
  const node = new ParallelToolNode(stage.tools("get"), { references: true });
  const answers = answerLines((await node.invoke(messages)) as ToolMessage[]);
  return { given: stage.given.map(([, args]) => args), answers };
}

const getOf = (id: string | undefined, n: unknown) => callOf(id, "get", { n });

describe("an answer", () => {
  it("in front of the message is no answer to its calls", async () => {
    const { given } = await run(
      ask(getOf("call_0", 1)),
      answerTo("call_0", "old"),
      new HumanMessage("And now?"),
      ask(getOf("call_0", 2), getOf("call_1", "$1")),
    );
    expect(given).toEqual([{ n: 2 }, { n: "call_0 result" }]);
  });

  it("behind it answers the call with its id, also for references", async () => {
    const { given } = await run(
      ask(getOf("a", 1), getOf("b", "$1"), getOf("c", "$2")),
      answerTo("a", "given"),
    );
    expect(given).toEqual([{ n: "given" }, { n: "b result" }]);
  });

  it.each(["same", "", undefined])(
    "to the id %j answers one of the calls that have it, the first first",
    async (id) => {
      const calls = [getOf(id, 1), getOf(id, 2), getOf("last", ["$1", "$2"])];
      const first = await run(ask(...calls), answerTo(id, "one"));
      expect(first.given[0]).toEqual({ n: 2 });
      expect(first.given[1]).toMatchObject({ n: ["one", expect.anything()] });
      const both = await run(
        ask(...calls),
        answerTo(id, "one"),
        answerTo(id, "two"),
      );
      expect(both.given).toEqual([{ n: ["one", "two"] }]);
    },
  );

  it("that comes twice counts as it was last", async () => {
    const { given } = await run(
      ask(getOf("a", 1), getOf("b", "$1")),
      answerTo("a", "draft"),
      answerTo("a", "final"),
    );
    expect(given).toEqual([{ n: "final" }]);
  });
});

describe("where calls come one by one, a host may take for answered", () => {
  function seemAnswered(...messages: BaseMessage[]) {
    const state = { messages };
    const message = lastMessageIn(state)!;
    return readSiblings(message, state, () => true).seemAnswered;
  }

  it("those whose id an earlier turn has used", () => {
    const calls = [getOf("new", 1), getOf("call_0", 2), getOf(undefined, 3)];
    const before = [
      ask(getOf("call_0", 0), getOf(undefined, 0)),
      answerTo("call_0", "old"),
      answerTo(undefined, "old"),
    ];
    expect(seemAnswered(...before, ask(...calls))).toEqual([1]);
    expect(seemAnswered(ask(...calls))).toEqual([]);
  });

  it("those that share the id of an answered one", () => {
    const calls = ask(getOf("x", 1), getOf("x", 2), getOf("y", 3));
    expect(seemAnswered(calls, answerTo("x", "one"))).toEqual([0]);
  });

  it("that names its tool is that of the call with its id and this name", async () => {
    const stage = new NotingTools();
    const node = new ParallelToolNode(stage.tools("read", "delete"));
    const no = new ToolMessage({
      content: "The human said no.",
      tool_call_id: "x",
      name: "delete",
    });
    const calls = [
      callOf("x", "read", { n: 1 }),
      callOf("x", "delete", { n: 2 }),
    ];
    await node.invoke([ask(...calls), no]);
    expect(stage.given.map(([, args]) => args)).toEqual([{ n: 1 }]);
  });
});
