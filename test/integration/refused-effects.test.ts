import type { ToolMessage } from "@langchain/core/messages";
import { type StructuredTool, tool } from "@langchain/core/tools";
import {
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ParallelToolNode, type ToolPolicy } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { httpError } from "../support/attempted-tools.js";
import { ask, callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import { createAgent, HOSTS } from "./support/agents.js";
import { INPUT } from "./support/scripted-graph.js";
import { useModelServer } from "./support/use-model-server.js";

const server = useModelServer();

const warn = silenceWarnings();

const CONFIG = { configurable: { thread_id: "thread" } };
const schema = z.object({});
const refusal = () => httpError(429, { "retry-after-ms": "10" });

const SETTINGS = HOSTS.flatMap((host) =>
  [false, true].map((durable) => ({ host, durable })),
);

describe.each(SETTINGS)("$host, durable $durable:", ({ host, durable }) => {
  /** What the model is told when it calls the tool in two messages. */
  async function answersOf(called: StructuredTool, policy: ToolPolicy) {
    const { name } = called;
    const turn = (id: string) => [{ id, name }];
    const script = server.script([turn("1"), turn("2"), "Done."]);
    const options = { durable, defaultPolicy: policy };
    const saver = new MemorySaver();
    const agent = createAgent(host, script.model, [called], options, saver);
    await agent.invoke(INPUT, CONFIG);
    return script.answers(2).map(({ content }) => content);
  }

  test("a payment whose second request is refused is made once", async () => {
    let charges = 0;
    const pay = tool(
      () => {
        charges += 1;
        throw refusal();
      },
      { name: "pay", description: "Pays.", schema },
    );
    const told = expect.stringMatching(
      /^Error: HTTP 429\n .*\(attempts made: 1\)\. The call may have taken effect all the same: .* in 1 s at the earliest/,
    );
    expect(await answersOf(pay, { concurrency: 1 })).toEqual([told, told]);
    expect(charges).toBe(2);
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining("a call of `pay` was refused by its server")],
    ]);
  });

  test("a read that is refused is made again", async () => {
    let reads = 0;
    const read = tool(
      () => {
        reads += 1;
        if (reads % 2 === 1) throw refusal();
        return `read ${reads}`;
      },
      { name: "read", description: "Reads.", schema },
    );
    expect(await answersOf(read, { readOnly: true })).toEqual([
      "read 2",
      "read 4",
    ]);
    expect(warn).not.toHaveBeenCalled();
  });

  test("an agent in a tool that its model's server refuses does its work once", async () => {
    let mails = 0;
    const mail = tool(() => `mail ${(mails += 1)}`, { name: "mail", schema });
    const inner = new StateGraph(MessagesAnnotation)
      .addNode("model", ({ messages }) => {
        if (messages.length > 1) throw refusal();
        return { messages: [ask(callOf("1", "mail"))] };
      })
      .addNode("tools", new ParallelToolNode([mail]))
      .addEdge(START, "model")
      .addEdge("model", "tools")
      .addEdge("tools", "model")
      .compile();
    const assistant = tool(
      async () => {
        const { messages } = await inner.invoke(INPUT);
        return (messages.at(-1) as ToolMessage).content;
      },
      { name: "assistant", description: "Mails.", schema },
    );
    const told = "Error: HTTP 429\n Please fix your mistakes.";
    expect(await answersOf(assistant, { timeoutMs: 60_000 })).toEqual([
      told,
      told,
    ]);
    expect(mails).toBe(2);
    expect(warn).not.toHaveBeenCalled();
  });
});
