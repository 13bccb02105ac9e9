import { tool } from "@langchain/core/tools";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode } from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type Agent, createNodeAgent, NODE_HOSTS } from "./support/agents.js";
import { createGate } from "./support/gates.js";
import { ModelServer } from "./support/model-server.js";
import { withoutIds } from "./support/without-ids.js";

const INPUT = { messages: [{ role: "user", content: "Go." }] };
const CALLS = [
  { id: "a", name: "slow", args: {} },
  { id: "b", name: "quick", args: { n: 1 } },
  { id: "c", name: "quick", args: { n: 2 } },
  { id: "d", name: "fails", args: {} },
  { id: "e", name: "missing", args: {} },
];

// Names of models count scripts from 1: one server each makes them equal.
let servers: ModelServer[];
beforeEach(async () => {
  servers = await Promise.all([ModelServer.start(), ModelServer.start()]);
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

/** `slow` ends after the last `quick` has. */
function createTools() {
  const last = createGate();
  const description = "A tool.";
  return [
    tool(
      async () => {
        await last.opened;
        return { slow: true };
      },
      { name: "slow", description, schema: z.object({}) },
    ),
    tool(
      async ({ n }) => {
        if (n === 2) last.open();
        return `quick ${n}`;
      },
      { name: "quick", description, schema: z.object({ n: z.number() }) },
    ),
    tool(
      async () => {
        throw new Error("never works");
      },
      { name: "fails", description, schema: z.object({}) },
    ),
  ];
}

describe.each(NODE_HOSTS)("in %s", (host) => {
  describe("with a model that streams", () => {
    /** What `observe` sees with our node, and with the stock one. */
    async function compare<T>(observe: (agent: Agent) => Promise<T>) {
      const nodes = [
        new ParallelToolNode(createTools()),
        new ToolNode(createTools()),
      ];
      const [ours, stock] = await Promise.all(
        nodes.map((node, i) => {
          const script = servers[i]?.script([CALLS, "Done."], {
            streaming: true,
          });
          if (script === undefined) throw new Error("no server");
          return observe(createNodeAgent(host, script.model, node));
        }),
      );
      return { ours: ours as T, stock: stock as T };
    }

    test("the final state is the stock node's", async () => {
      const { ours, stock } = await compare((agent) => agent.invoke(INPUT));

      expect(ours.messages.map(({ type }) => type)).toEqual([
        "human",
        "ai",
        ...CALLS.map(() => "tool"),
        "ai",
      ]);
      expect(withoutIds(ours)).toEqual(withoutIds(stock));
    });

    test.each(["updates", "values"] as const)(
      "the chunks of streamMode %s are the stock node's",
      async (streamMode) => {
        const { ours, stock } = await compare(async (agent) => {
          const chunks: unknown[] = [];
          for await (const chunk of await agent.stream(INPUT, { streamMode })) {
            chunks.push(chunk);
          }
          return chunks;
        });

        expect(ours.length).toBeGreaterThanOrEqual(3);
        expect(withoutIds(ours)).toEqual(withoutIds(stock));
      },
    );

    test("the events of the stock node come in the same sequence", async () => {
      const { ours, stock } = await compare(async (agent) => {
        const seen: string[] = [];
        for await (const { event, name } of agent.streamEvents(INPUT, {
          version: "v2",
        })) {
          seen.push(`${event} ${name}`);
        }
        return seen;
      });

      expect(ours.filter((event) => event.includes("_tool_"))).toHaveLength(8);
      expect(ours).toEqual(stock);
    });
  });
});
