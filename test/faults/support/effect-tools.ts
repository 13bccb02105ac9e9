import { setTimeout as sleep } from "node:timers/promises";
import type { StructuredTool } from "@langchain/core/tools";
import { tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import { z } from "zod";
import { SeededRandom } from "../../../bench/support/seeded-random.js";
import type { LedgerClient } from "./ledger-client.js";
import type { DriveCommand, Effect } from "./protocol.js";

interface ToolConfig {
  readonly signal?: AbortSignal;
  readonly toolCall?: { readonly id?: string };
}

const text = z.string();

/**
 * Tools that take 5 to 40 ms, heed their signal, and whose side effects the
 * ledger notes before they go on.
 */
export function effectTools(
  { thread, seed, hanging }: DriveCommand,
  ledger: LedgerClient,
): StructuredTool[] {
  const act = async (
    effect: Effect,
    { signal, toolCall }: ToolConfig,
  ): Promise<string> => {
    const call = toolCall?.id ?? "";
    await ledger.tell({ thread, kind: "start", call });
    if (call === hanging) await aborted(signal);
    await sleep(durationOf(seed, call), undefined, signal && { signal });
    return (await ledger.tell({ thread, kind: "end", call }, effect)) ?? "";
  };
  const none = { kind: "none" } as const;
  const tools = [
    tool(({ doc }, config: ToolConfig) => act({ kind: "read", doc }, config), {
      name: "read",
      description: "Reads a document.",
      schema: z.object({ doc: text }),
    }),
    tool(
      async ({ doc, text: written }, config: ToolConfig) =>
        `${doc} is ${await act({ kind: "write", doc, text: written }, config)}`,
      {
        name: "write",
        description: "Writes a document.",
        schema: z.object({ doc: text, text }),
      },
    ),
    tool(
      async ({ invoice }, config: ToolConfig) => {
        await act(none, config);
        return `receipt ${invoice}`;
      },
      {
        name: "pay",
        description: "Pays an invoice.",
        schema: z.object({ invoice: z.number() }),
      },
    ),
    tool(
      async ({ what }, config: ToolConfig) => {
        const answer = interrupt<string, string>(`May I do ${what}?`);
        await act(none, config);
        return answer;
      },
      {
        name: "approve",
        description: "Asks a human.",
        schema: z.object({ what: text }),
      },
    ),
    tool(
      async ({ receipt, approval }, config: ToolConfig) => {
        await act(none, config);
        return `deployed with ${receipt} (${approval})`;
      },
      {
        name: "deploy",
        description: "Deploys.",
        schema: z.object({ receipt: text, approval: text }),
      },
    ),
    tool(
      async ({ who }, config: ToolConfig) => {
        await act(none, config);
        return `told ${who}`;
      },
      {
        name: "tell",
        description: "Sends a message.",
        schema: z.object({ who: text }),
      },
    ),
  ];
  return tools as StructuredTool[];
}

function durationOf(seed: number, call: string): number {
  return new SeededRandom(seed * 31 + Number(call)).integer(5, 40);
}

async function aborted(signal: AbortSignal | undefined): Promise<never> {
  signal?.throwIfAborted();
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), {
      once: true,
    });
  });
}
