import { AIMessage } from "@langchain/core/messages";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { type ToolRuntime, tool } from "@langchain/core/tools";
import { MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { write } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AGENT_HOSTS, type AgentHost } from "../support/agent-hosts.js";
import { callOf } from "../support/messages.js";
import { Baton } from "./support/baton.js";
import { normalised } from "./support/normalised.js";
import {
  collect,
  GO,
  hostProgram,
  once,
  type Program,
  THREAD,
  type Way,
  waysIn,
} from "./support/three-ways.js";

const MODES = [
  "values",
  "updates",
  "messages",
  "custom",
  "tasks",
  "debug",
  "checkpoints",
  "tools",
] as const;

/** A graph that a tool runs. */
const team = new StateGraph(MessagesAnnotation)
  .addNode("member", () => ({
    messages: [new AIMessage({ id: "team", content: "team" })],
  }))
  .addEdge(START, "member")
  .compile();

const TURNS = [
  [
    callOf("1", "think", { n: 0 }),
    callOf("2", "delegate", { n: 1 }),
    callOf("3", "fail", { n: 2 }),
  ],
  [callOf("4", "think", { n: 3 })],
] as const;

/** In v3 `createAgent` itself leaves a failing call's rejection unhandled. */
function turnsFor(version: "v2" | "v3") {
  return version === "v2" ? TURNS : [TURNS[0].slice(0, 2)];
}

/** Calls that stream tokens, a nested graph's events, and an error. */
function createProgram(): Program {
  const baton = new Baton();
  const llm = new FakeListChatModel({ responses: ["so", "ho"] });
  const create = (
    name: string,
    act: (runtime: ToolRuntime) => Promise<string>,
  ) =>
    tool(
      ({ n }: { n: number }, runtime: ToolRuntime) =>
        baton.inTurn(n, async () => {
          runtime.writer?.(`${name} begins`);
          return act(runtime);
        }),
      { name, description: name, schema: z.object({ n: z.number() }) },
    );
  return {
    turns: TURNS,
    tools: [
      create("think", async (runtime) => (await llm.invoke("x", runtime)).text),
      create("delegate", async (runtime) => {
        const { messages } = await team.invoke(
          { messages: [] },
          runtime as object,
        );
        return `the ${messages.at(-1)?.text} did it`;
      }),
      create("fail", async () => {
        throw new Error("down");
      }),
    ],
  };
}

async function streamed(way: Way, host: AgentHost, options: object) {
  const agent = hostProgram(way, host, createProgram());
  return collect(agent.stream(GO, { ...THREAD, ...options }));
}

describe.each(waysIn())("In $host with $way,", ({ host, way }) => {
  for (const streamMode of MODES) {
    test.each([false, true])(
      `\`${streamMode}\` streams what it does with stock (subgraphs: %s)`,
      async (subgraphs) => {
        const options = { streamMode, subgraphs };
        const stock = await once([host, options], async () =>
          normalised(await streamed("stock", host, options)),
        );
        expect(stock).not.toEqual([]);
        const ours = normalised(await streamed(way, host, options));
        expect(ours).toEqual(stock);
      },
    );
  }

  test("several modes at once stream what they do with stock", async () => {
    const options = { streamMode: [...MODES], subgraphs: true };
    const stock = await once([host, options], async () =>
      normalised(await streamed("stock", host, options)),
    );
    expect(normalised(await streamed(way, host, options))).toEqual(stock);
  });

  test.each(["v2", "v3"] as const)(
    "streamEvents %s gives what it does with stock",
    async (version) => {
      const events = async (who: Way) => {
        const { tools } = createProgram();
        const agent = hostProgram(who, host, {
          tools,
          turns: turnsFor(version),
        });
        const config = { ...THREAD, version };
        return normalised(await collect(agent.streamEvents(GO, config)));
      };
      const stock = await once([host, version], () => events("stock"));
      expect(stock).not.toEqual([]);
      expect(await events(way)).toEqual(stock);
    },
  );

  test("each answer is streamed once in `messages`, that of a failing call, too", async () => {
    const chunks = await streamed(way, host, { streamMode: "messages" });
    const answers = (chunks as [{ tool_call_id?: string }][]).flatMap(
      ([{ tool_call_id: id }]) => (id === undefined ? [] : [id]),
    );
    expect(answers.toSorted()).toEqual(["1", "2", "3", "4"]);
  });
});

/** What `subgraphs: true` gives: a namespace, and what came from it. */
type Namespaced = readonly [readonly string[], unknown];

describe.each(waysIn(["graph", "react v1", "agent v1"]))(
  "In $host with $way,",
  ({ host, way }) => {
    test("all that comes from the calls of a batch has one namespace", async () => {
      const chunks = (await streamed(way, host, {
        streamMode: "updates",
        subgraphs: true,
      })) as Namespaced[];
      const namespaces = chunks.map(([namespace]) => namespace.join("|"));
      const nested = new Set(namespaces.filter((text) => text !== ""));
      expect([...nested]).toEqual([expect.stringMatching(/^tools:[^:|]+$/)]);
    });
  },
);

describe.each(AGENT_HOSTS)("In %s, with calls in order by access,", (host) => {
  /** The same access for all: one call after the other. */
  const program = (): Program => ({
    ...createProgram(),
    options: {
      policies: Object.fromEntries(
        ["think", "delegate", "fail"].map((name) => [
          name,
          { access: [write("x")] },
        ]),
      ),
    },
  });

  test.each(MODES)("`%s` streams the same with `durable`", async (mode) => {
    const events = async (way: Way) => {
      const agent = hostProgram(way, host, program());
      const config = { ...THREAD, streamMode: mode, subgraphs: true };
      return normalised(await collect(agent.stream(GO, config)));
    };
    expect(await events("ours, durable")).toEqual(await events("ours"));
  });
});
