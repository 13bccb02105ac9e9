import { setTimeout as sleep } from "node:timers/promises";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { createReactAgent, type ToolNode } from "@langchain/langgraph/prebuilt";
import { z } from "zod";
import { AskingModel } from "../asking-model.js";
import { fetchPage } from "../fetch-page.js";
import type { Limits } from "./contenders.js";

export const SUBAGENTS = 20;
export const CALLS_EACH = 5;
/** What a subagent does itself, before its calls and after them. */
export const OWN_MS = 40;

/** What was seen of one run. */
export interface Seen {
  /** Pages that came. */
  pages: number;
  /** The most subagents that were alive at once, and the most that did work. */
  mostAlive: number;
  mostWorking: number;
}

type AgentFields = Parameters<typeof createReactAgent>[0];

/**
 * A message of 20 calls, each of which runs a subagent: own work, a message of five
 * requests, own work.
 */
export async function runSubagents(
  origin: string,
  limits: Limits,
): Promise<Seen> {
  const { outer, inner, aroundSubagent, aroundRequest } = limits;
  const seen: Seen = { pages: 0, mostAlive: 0, mostWorking: 0 };
  let alive = 0;
  let working = 0;
  const work = async <T>(job: () => Promise<T>): Promise<T> => {
    working += 1;
    seen.mostWorking = Math.max(seen.mostWorking, working);
    try {
      return await job();
    } finally {
      working -= 1;
    }
  };
  const request = tool(
    ({ page }) =>
      aroundRequest(() =>
        work(async () => {
          const text = await fetchPage(`${origin}/pages/${page}`);
          seen.pages += 1;
          return text;
        }),
      ),
    {
      name: "fetch_page",
      description: "Fetches a page.",
      schema: z.object({ page: z.number() }),
    },
  );
  // One node for all subagents, as one has an agent.
  const node = inner([request]);
  const research = tool(
    ({ number }) =>
      aroundSubagent(async () => {
        alive += 1;
        seen.mostAlive = Math.max(seen.mostAlive, alive);
        await work(() => sleep(OWN_MS));
        await runAgent(node, number);
        await work(() => sleep(OWN_MS));
        alive -= 1;
        return "done";
      }),
    {
      name: "research",
      description: "Has a subagent look something up.",
      schema: z.object({ number: z.number() }),
    },
  );
  const numbers = Array.from({ length: SUBAGENTS }, (_, number) => ({
    number,
  }));
  await outer([research]).invoke({ messages: [ask("research", numbers)] });
  return seen;
}

async function runAgent(node: ToolNode, number: number): Promise<void> {
  const model = new AskingModel({});
  model.message = ask(
    "fetch_page",
    Array.from({ length: CALLS_EACH }, (_, i) => ({
      page: number * CALLS_EACH + i,
    })),
  );
  const agent = createReactAgent({ llm: model, tools: node } as AgentFields);
  await agent.invoke({ messages: [new HumanMessage("Go.")] });
}

function ask(name: string, all: readonly Record<string, number>[]): AIMessage {
  return new AIMessage({
    content: "",
    tool_calls: all.map((args, i) => ({
      name,
      args,
      id: `call_${i}`,
      type: "tool_call" as const,
    })),
  });
}
