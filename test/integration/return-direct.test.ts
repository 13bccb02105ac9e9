import type { BaseMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { type StructuredTool, tool } from "@langchain/core/tools";
import { MemorySaver } from "@langchain/langgraph";
import type { ParallelToolNodeOptions } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  AGENT_HOSTS,
  type AgentHost,
  GO,
  hostAgent,
  readRun,
} from "../support/agent-hosts.js";
import { finish, playTime } from "../support/attempted-node.js";
import { LoggedModel } from "../support/logged-model.js";
import { callOf } from "../support/messages.js";

playTime();

const schema = z.looseObject({});

/** Tools of an agent: `reply` and `give_up`, which fails, are `returnDirect`. */
function createTools(ran: string[]): StructuredTool[] {
  const named = (name: string, act: () => unknown, returnDirect = false) =>
    tool(
      () => {
        ran.push(name);
        return act();
      },
      { name, description: name, schema, returnDirect },
    );
  const broken = (): never => {
    throw new Error("broken");
  };
  return [
    named("look", () => "seen"),
    named("broken", broken),
    named("hang", () => new Promise(() => {})),
    named("reply", () => "replied", true),
    named("give_up", broken, true),
  ];
}

async function play(
  host: AgentHost,
  calls: readonly ToolCall[],
  options: ParallelToolNodeOptions | "stock",
) {
  const ran: string[] = [];
  const log: string[] = [];
  const isDurable = options !== "stock" && options.durable === true;
  const agent = hostAgent(
    host,
    new LoggedModel("parent", [calls], log),
    createTools(ran),
    options,
    isDurable ? new MemorySaver() : undefined,
  );
  const config = { configurable: { thread_id: "t" } };
  const { messages } = await finish(agent.invoke(GO, config));
  return { ...readRun(messages), messages, ran, asked: log.length };
}

const look = callOf("1", "look");
const reply = callOf("2", "reply");

/** Ways in which `reply` is not run, and the answer to it. */
const NOT_RUN: Record<string, [ToolCall[], ParallelToolNodeOptions, RegExp]> = {
  "deferred by a call": [
    [look, reply],
    { policies: { look: { sequential: "replan" } } },
    /^2 error: Not run: call 1/,
  ],
  "deferred by its batch": [
    [look, reply],
    { sequential: "replan" },
    /^2 error: Not run: call 1/,
  ],
  skipped: [
    [callOf("1", "broken"), reply],
    { policies: { reply: { after: ["broken"] } } },
    /^2 error: Not run: this call depends on call 1/,
  ],
  "beyond maxCalls": [
    [look, reply],
    { maxCalls: 1 },
    /^2 error: Not run: only 1 tool call/,
  ],
  "out of time": [
    [callOf("1", "hang"), reply],
    { sequential: true, batchTimeoutMs: 10 },
    /^2 error: Not run: the time for the calls of this message/,
  ],
  "given a reference to a call that failed": [
    [callOf("1", "broken"), callOf("2", "reply", { text: "$1" })],
    { references: true, policies: { broken: {} } },
    /^2 error: /,
  ],
  "given a reference that can't be": [
    [look, callOf("2", "reply", { text: "$2" })],
    { references: true },
    /^2 error: Not run: /,
  ],
  "without an access key": [
    [look, reply],
    {
      policies: {
        reply: {
          access: () => {
            throw new Error("no key");
          },
        },
      },
    },
    /^2 error: Not run: the application could not prepare this call/,
  ],
  "without a cost": [
    [look, reply],
    { policies: { reply: { cost: () => -1 } } },
    /^2 error: Not run: /,
  ],
  "without limits": [
    [look, reply],
    {
      policies: { reply: { rateLimit: { limit: 1, intervalMs: 1_000 } } },
      limits: {
        acquire: () => {
          throw new Error("no store");
        },
        pause: () => {},
      },
    },
    /^2 error: Not run: /,
  ],
};

describe.each(AGENT_HOSTS)("returnDirect in %s", (host) => {
  describe.each([false, true])("(durable: %s)", (durable) => {
    it.each(Object.entries(NOT_RUN))(
      "does not end the agent with a call that was %s",
      async (_, [calls, options, answer]) => {
        const run = await play(host, calls, { ...options, durable });
        expect(run.ran).not.toContain("reply");
        expect(run.answers[1]).toMatch(answer);
        expect(run.last).toBe("ai: done");
        expect(run.asked).toBe(2);
      },
    );
  });

  it("does not end the agent where no call of the message was run", async () => {
    const options = { policies: { reply: { cost: () => -1 } } };
    const run = await play(host, [reply], options);
    expect(run.ran).toEqual([]);
    expect(run.last).toBe("ai: done");
  });

  it("does not end the agent with a call that shares such an end", async () => {
    const calls = [
      callOf("1", "broken"),
      callOf("2", "reply"),
      callOf("3", "reply"),
    ];
    const policies = { reply: { after: ["broken"], dedupe: true } };
    const run = await play(host, calls, { policies });
    expect(run.ran).toEqual(["broken"]);
    expect(run.last).toBe("ai: done");
  });

  it.each<[string, ToolCall[]]>([
    ["ran", [reply]],
    ["ran and failed", [callOf("2", "give_up")]],
    ["ran before another", [reply, callOf("3", "look")]],
    ["ran after another", [look, reply]],
    ["failed beside one that ran", [reply, callOf("3", "give_up")]],
  ])("ends the agent as on the stock node when it %s", async (_, calls) => {
    const stock = await play(host, calls, "stock");
    for (const options of [{}, { defaultPolicy: { timeoutMs: 1_000 } }]) {
      const run = await play(host, calls, options);
      expect([run.last, run.asked]).toEqual([stock.last, stock.asked]);
      expect(run.messages.map(routed)).toEqual(stock.messages.map(routed));
    }
  });
});

/** What an agent's routes read of a message. */
function routed({ name, text }: BaseMessage): string {
  return `${name}: ${text}`;
}

/** By the host's own rule for several answers. */
it.each<[AgentHost, string]>([
  ["react v1", "any answer of a returnDirect call that ran ends the agent"],
  ["react v2", "one answer that is for the model sends all of them there"],
  ["agent v1", "the last answer decides"],
  ["agent v2", "the last answer decides"],
])(
  "in %s, where one returnDirect call ran and another was deferred, %s",
  async (host) => {
    const calls = [callOf("1", "reply"), callOf("2", "reply")];
    const run = await play(host, calls, { sequential: "replan" });
    expect(run.ran).toEqual(["reply"]);
    expect(run.asked).toBe(host === "react v1" ? 1 : 2);
  },
);

it("the answer to a call that was not run has the tool's name, but for returnDirect", async () => {
  const calls = [
    callOf("1", "reply"),
    callOf("2", "reply"),
    callOf("3", "look"),
  ];
  const { messages } = await play("agent v2", calls, { maxCalls: 1 });
  const names = messages.slice(2, 5).map(({ name }) => name);
  expect(names).toEqual(["reply", undefined, "look"]);
});
