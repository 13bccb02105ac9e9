import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  ParallelToolNode,
  read,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import { z } from "zod";
import type { Work } from "./schedulers.js";
import type { Workload } from "./seeded-workload.js";

/**
 * A workload as a message for the node: a call writes a key of its own and
 * reads the keys of those that it depends on.
 */
export async function runOnNode(workload: Workload, work: Work): Promise<void> {
  const { dependsOn, nodeSlots, resourceOf, resourceSlots } = workload;
  const resourceName = (i: number) => `resource${i}`;
  const policy: ToolPolicy<{ position: number }> = {
    access: ({ position }) => [
      write(`${position}`),
      ...(dependsOn[position] ?? []).map((earlier) => read(`${earlier}`)),
    ],
    ...(resourceOf && {
      resources: ({ position }) => resourceName(resourceOf[position]!),
    }),
  };
  const step = tool(
    async ({ position }) => {
      await work(position);
      return "done";
    },
    {
      name: "step",
      description: "Takes its time.",
      schema: z.object({ position: z.number() }),
    },
  );
  const node = new ParallelToolNode([step], {
    policies: { step: policy },
    resources: Object.fromEntries(
      resourceSlots.map((slots, i) => [
        resourceName(i),
        { concurrency: slots },
      ]),
    ),
    ...(nodeSlots !== undefined && { maxConcurrency: nodeSlots }),
  });
  const message = new AIMessage({
    content: "",
    tool_calls: dependsOn.map((_, position) => ({
      name: "step",
      args: { position },
      id: `call_${position}`,
      type: "tool_call" as const,
    })),
  });
  await node.invoke({ messages: [message] });
}
