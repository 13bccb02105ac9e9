import process from "node:process";
import { fileURLToPath } from "node:url";
import type { StructuredTool } from "@langchain/core/tools";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AgentHost } from "../../support/agent-hosts.js";
import { silenceWarnings } from "../../support/silence-warnings.js";
import { type AgentBatch, agentBatches, MCP_TOOLS } from "./agent-batch.js";
import { playBatch, type Runner } from "./play-batch.js";

const program = fileURLToPath(
  new URL("../../integration/support/mcp-server.mjs", import.meta.url),
);

/**
 * Other batches, or the one of a failure, which says its seed and path:
 * `BATCHES_SEED=20261 BATCHES_PATH=13:0:1 npx vitest run test/conformance/agents`.
 */
const {
  BATCHES_SEED: seed = "20261",
  BATCHES_PATH: path,
  BATCHES_COUNT: count = "500",
} = process.env;

/** Adds the test of these hosts, which share one MCP server. */
export function compareHosts(hosts: readonly AgentHost[]): void {
  silenceWarnings();
  const client = new MultiServerMCPClient({
    words: { transport: "stdio", command: process.execPath, args: [program] },
  });
  let mcpTools: StructuredTool[];
  beforeAll(async () => {
    const all = await client.getTools();
    mcpTools = all.filter(({ name }) => MCP_TOOLS.has(name));
  });
  afterAll(() => client.close());

  it(`an agent (${hosts.join(", ")}) does in ${count} random batches what it does without us`, {
    timeout: 600_000,
  }, async () => {
    expect(mcpTools).toHaveLength(MCP_TOOLS.size);
    await fc.assert(
      fc.asyncProperty(agentBatches(hosts), async (batch) => {
        const stock = await logOf("stock", batch, mcpTools);
        const ours = await logOf("ours", batch, mcpTools);
        expect(ours).toEqual(stock);
      }),
      {
        numRuns: Number(count),
        seed: Number(seed),
        ...(path !== undefined && { path }),
      },
    );
  });
}

/** Calls of a server end in any order, and so do the lines of their batches. */
async function logOf(
  runner: Runner,
  batch: AgentBatch,
  mcpTools: readonly StructuredTool[],
): Promise<string[]> {
  const log = await playBatch(runner, batch, mcpTools);
  const calls = batch.turns.flat();
  return calls.some(({ name }) => MCP_TOOLS.has(name)) ? log.toSorted() : log;
}
