import process from "node:process";
import { fileURLToPath } from "node:url";
import type { StructuredTool } from "@langchain/core/tools";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { silenceWarnings } from "../support/silence-warnings.js";
import {
  type AgentBatch,
  agentBatches,
  MCP_TOOLS,
} from "./support/agent-batch.js";
import { playBatch, type Runner } from "./support/play-batch.js";

silenceWarnings();

const program = fileURLToPath(
  new URL("../integration/support/mcp-server.mjs", import.meta.url),
);
const client = new MultiServerMCPClient({
  words: { transport: "stdio", command: process.execPath, args: [program] },
});
let mcpTools: StructuredTool[];
beforeAll(async () => {
  const all = await client.getTools();
  mcpTools = all.filter(({ name }) => MCP_TOOLS.has(name));
});
afterAll(() => client.close());

/**
 * Other batches, or the one of a failure, which says its seed and path:
 * `BATCHES_SEED=20261 BATCHES_PATH=13:0:1 npx vitest run test/conformance/hosts`.
 */
const {
  BATCHES_SEED: seed = "20261",
  BATCHES_PATH: path,
  BATCHES_COUNT: count = "1000",
} = process.env;

it(`an agent does in ${count} random batches what it does without us`, {
  timeout: 600_000,
}, async () => {
  expect(mcpTools).toHaveLength(MCP_TOOLS.size);
  await fc.assert(
    fc.asyncProperty(agentBatches, async (batch) => {
      const stock = await logOf("stock", batch);
      const ours = await logOf("ours", batch);
      expect(ours).toEqual(stock);
    }),
    {
      numRuns: Number(count),
      seed: Number(seed),
      ...(path !== undefined && { path }),
    },
  );
});

/** Calls of a server end in any order, and so do the lines of their batches. */
async function logOf(runner: Runner, batch: AgentBatch): Promise<string[]> {
  const log = await playBatch(runner, batch, mcpTools);
  const calls = batch.turns.flat();
  return calls.some(({ name }) => MCP_TOOLS.has(name)) ? log.toSorted() : log;
}
