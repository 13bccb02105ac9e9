import { fileURLToPath } from "node:url";
import type { DynamicStructuredTool } from "@langchain/core/tools";
import type { ToolNode } from "@langchain/langgraph/prebuilt";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { ParallelToolNode, type ToolPolicy } from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readMcpAnnotations } from "@/policy/mcp-annotations.js";
import type { ScriptedCall } from "./support/model-server.js";
import { createScriptedGraph, INPUT } from "./support/scripted-graph.js";

const program = fileURLToPath(
  new URL("./support/mcp-server.mjs", import.meta.url),
);

let client: MultiServerMCPClient;
let tools: DynamicStructuredTool[];
beforeEach(async () => {
  client = new MultiServerMCPClient({
    counter: {
      transport: "stdio",
      command: process.execPath,
      args: [program],
    },
  });
  tools = await client.getTools();
});
afterEach(() => client.close());

const toolOf = (name: string) => {
  const found = tools.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`The server has no ${name}.`);
  return found;
};

/** How often the server was asked, by tool. */
async function served(): Promise<unknown> {
  return JSON.parse(String(await toolOf("served").invoke({})));
}

const call = (id: string, name: string, word: string) => ({
  id,
  name,
  args: { word },
});
const CALLS = [
  call("1", "look_up", "tea"),
  call("2", "bump", "x"),
  call("3", "look_up", "tea"),
  call("4", "look_up", "ink"),
  call("5", "bump", "x"),
  call("6", "look_up", "tea"),
];
const ANSWERS = [
  ["1", "tea: a word"],
  ["2", "x 1"],
  ["3", "tea: a word"],
  ["4", "ink: a word"],
  ["5", "x 2"],
  ["6", "tea: a word"],
];

async function answersOf(
  node: ToolNode,
  calls: readonly ScriptedCall[] = CALLS,
) {
  const { messages } = await createScriptedGraph(node, calls).invoke(INPUT);
  return messages.slice(2, 2 + calls.length).map((message) => {
    expect(message.type).toBe("tool");
    return message as typeof message & { tool_call_id: string };
  });
}

const pairs = (answers: Awaited<ReturnType<typeof answersOf>>) =>
  answers.map(({ tool_call_id, text }) => [tool_call_id, text]);

test("a server's hints are where the policy looks for them", () => {
  expect(readMcpAnnotations(toolOf("look_up"))).toEqual({
    readOnly: true,
    idempotent: true,
  });
  expect(readMcpAnnotations(toolOf("refuse"))).toEqual({ readOnly: true });
  expect(readMcpAnnotations(toolOf("bump"))).toEqual({});
});

test("a server's hints alone change nothing: each call reaches the server", async () => {
  const answers = await answersOf(new ParallelToolNode(tools));

  expect(await served()).toEqual({ look_up: 4, bump: 2 });
  expect(pairs(answers)).toEqual(ANSWERS);
});

test("identical calls of a read-only tool with a policy reach the server once, and each is answered under its id", async () => {
  const node = new ParallelToolNode(tools, { policies: { look_up: {} } });
  const answers = await answersOf(node);

  expect(await served()).toEqual({ look_up: 2, bump: 2 });
  expect(pairs(answers)).toEqual(ANSWERS);
});

describe.each<{ policy: ToolPolicy }>([
  { policy: { dedupe: false } },
  { policy: { readOnly: false } },
])("an explicit policy of $policy", ({ policy }) => {
  test.each(["policies", "defaultPolicy"] as const)(
    "in %s wins over the server's hint",
    async (option) => {
      const node = new ParallelToolNode(tools, {
        [option]: option === "policies" ? { look_up: policy } : policy,
      });

      const answers = await answersOf(node);

      expect(await served()).toEqual({ look_up: 4, bump: 2 });
      expect(pairs(answers)).toEqual(ANSWERS);
    },
  );
});

test("identical calls of a tool without hints run once where its policy says so", async () => {
  const node = new ParallelToolNode(tools, {
    policies: { bump: { dedupe: true } },
  });

  await answersOf(node);

  expect(await served()).toEqual({ look_up: 4, bump: 1 });
});
