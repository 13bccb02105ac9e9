import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI, type ClientOptions } from "@langchain/openai";
import {
  limitModel,
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { z } from "zod";
import {
  type Contender,
  MAX_TOKENS,
  PROMPT,
  QUOTA,
  TURNS,
} from "./workload.js";

interface SubagentsOptions
  extends Pick<Contender, "options" | "isOurs" | "jitterMs" | "used"> {
  readonly count: number;
  readonly turns?: number;
  /** Of the client, so that it finds the server. */
  readonly configuration: ClientOptions;
  /** The name of the shared resource: another one for each run. */
  readonly resource: string;
  /** Where limits are kept, if not in this process. */
  readonly limits?: ParallelToolNodeOptions["limits"];
}

/**
 * Subagents of one message that ask one model. Gives what runs them, and then tells how
 * many of their requests were lost.
 */
export function subagents({
  options,
  isOurs = false,
  jitterMs,
  used,
  count,
  turns = TURNS,
  configuration,
  resource,
  limits,
}: SubagentsOptions): () => Promise<number> {
  const openai = new ChatOpenAI({
    model: "gpt-5.4",
    apiKey: "none",
    useResponsesApi: false,
    maxTokens: MAX_TOKENS,
    configuration,
    ...options,
  });
  let lost = 0;
  let model = openai;
  const task = tool(
    async () => {
      for (let turn = 0; turn < turns; turn += 1) {
        await model.invoke(PROMPT).catch(() => {
          lost += 1;
        });
      }
      return "done";
    },
    { name: "task", description: "Runs a subagent.", schema: z.object({}) },
  );
  let node: ToolNode | ParallelToolNode = new ToolNode([task]);
  if (isOurs) {
    const { requests, tokens, intervalMs } = QUOTA;
    const rate = { intervalMs, ...(jitterMs !== undefined && { jitterMs }) };
    node = new ParallelToolNode([task], {
      policies: { task: {} },
      resources: {
        [resource]: {
          rateLimit: [
            { ...rate, limit: requests, counts: "calls" },
            { ...rate, limit: tokens },
          ],
        },
      },
      ...(limits && { limits }),
    });
    model = limitModel(openai, node, used === false ? { used } : {});
  }
  const message = new AIMessage({
    content: "",
    tool_calls: Array.from({ length: count }, (_, i) => ({
      name: "task",
      args: {},
      id: `${i}`,
      type: "tool_call" as const,
    })),
  });
  return async () => {
    await node.invoke([message]);
    return lost;
  };
}
