import { InMemoryStore } from "@langchain/langgraph";
import { type ToolRuntime, tool } from "@langchain/core/tools";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { z } from "zod";
import { createGate } from "./gates.js";
import { createScriptedGraph } from "./scripted-graph.js";

/** Runs of one graph at the same time, as threads. */
export const THREADS = ["left", "middle", "right"] as const;
export type Thread = (typeof THREADS)[number];

export const CALLS = Array.from({ length: 3 }, (_, n) => ({
  id: `call_${n}`,
  name: "work",
  args: { n },
}));

export type Work = (n: number, runtime: ToolRuntime) => Promise<string>;

/**
 * A node for runs that share it, with a cap of 1 in `cap`. The first call ends
 * when all runs have come to the node, so that the others wait in one line and
 * the first call of a run is started by the end of another run's call.
 */
export function createSharedNode(
  work: Work,
  cap: Pick<ParallelToolNodeOptions, "maxConcurrency" | "policies">,
): ParallelToolNode {
  let batches = 0;
  const allThere = createGate();
  return new ParallelToolNode(
    [
      tool(
        async ({ n }: { n: number }, runtime: ToolRuntime) => {
          await allThere.opened;
          return work(n, runtime);
        },
        {
          name: "work",
          description: "Works.",
          schema: z.object({ n: z.number() }),
        },
      ),
    ],
    {
      ...cap,
      sequential: () => {
        batches += 1;
        if (batches === THREADS.length) allThere.open();
        return false;
      },
    },
  );
}

/** A graph around such a node; each run finds its own name in the store. */
export async function createSharedGraph(work: Work) {
  const node = createSharedNode(work, {
    policies: { work: { concurrency: 1 } },
  });
  const store = new InMemoryStore();
  for (const thread of THREADS) await store.put([thread], "own", { thread });
  return createScriptedGraph(node, CALLS, { store });
}

/** The input and the config of one run. */
export function runOf(thread: Thread) {
  return {
    input: { messages: [{ role: "user", content: thread }] },
    config: {
      configurable: { thread_id: thread },
      context: { user: thread },
    },
  };
}
