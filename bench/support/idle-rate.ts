import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ParallelToolNode, type RateLimit } from "parallel-tools-node";
import { z } from "zod";
import { monotonicMs } from "./monotonic-time.js";
import type { SeededRandom } from "./seeded-random.js";

/** What a process takes that does nothing but wait for a rate limit. */
export interface IdleRun {
  readonly makespanMs: number;
  /** No order of the calls takes less. */
  readonly boundMs: number;
}

/** Calls of a tool that does nothing at once, of these costs. */
export async function runIdle(
  rateLimit: RateLimit,
  costs: readonly number[],
): Promise<IdleRun> {
  const noop = tool(() => "done", {
    name: "noop",
    description: "Does nothing.",
    schema: z.object({ cost: z.number() }),
  });
  const node = new ParallelToolNode([noop], {
    policies: {
      noop: { rateLimit, cost: (args) => (args as { cost: number }).cost },
    },
  });
  const message = new AIMessage({
    content: "",
    tool_calls: costs.map((cost, index) => ({
      name: "noop",
      args: { cost },
      id: `call_${index}`,
      type: "tool_call" as const,
    })),
  });
  const startMs = monotonicMs();
  await node.invoke({ messages: [message] });
  return {
    makespanMs: monotonicMs() - startMs,
    boundMs: boundOf(rateLimit, costs),
  };
}

/**
 * A bucket is full at first, and flows in all the time. What a window lets in, it
 * lets in at its beginning; the last calls need not wait for their window to end.
 */
function boundOf(
  { limit, intervalMs, algorithm, burst = limit }: RateLimit,
  costs: readonly number[],
): number {
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  return algorithm === "token-bucket"
    ? ((total - burst) / limit) * intervalMs
    : (Math.ceil(total / limit) - 1) * intervalMs;
}

/** As many costs of 1 to 10. */
export function mixedCosts(count: number, random: SeededRandom): number[] {
  return Array.from({ length: count }, () => random.integer(1, 10));
}
