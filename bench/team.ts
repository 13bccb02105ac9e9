/**
 * What agents as tools cost, and how many of them are worth it. A lead has 60 searches
 * to be made and shares them out among 1 to 20 subagents, each a tool call of its one
 * message. All search with one key: its server takes 10 requests in any second and
 * answers further ones with 429. Measured is the BUILT package on real timers, beside
 * the stock node, in graphs of createReactAgent. The models are scripts.
 *
 * Assumed, for all alike: a turn of a model takes 800 ms and 12 ms per token that it
 * writes; a message holds at most 5 searches; a search takes 300 ms. A call is 15
 * tokens, a task 40, an answer to a search 200, the report of a subagent 150, the
 * lead's answer 300. With each turn a model reads 2,000 tokens of instructions and
 * tools, about as many as deepagents gives a subagent, and what was said so far. What
 * caching saves is not looked at. A subagent that is refused a search does without; the
 * refusal is read as an answer. The work is the same for any number: none is done twice.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  BaseChatModel,
  type BaseChatModelParams,
} from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { tool } from "@langchain/core/tools";
import { createReactAgent, ToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode, resource } from "parallel-tools-node";
import { z } from "zod";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { Targets } from "./support/targets.js";

const SEARCHES = 60;
const SIZES = [1, 3, 5, 10, 20];
const PER_MESSAGE = 5;
const SEARCH_MS = 300;
const SERVER = { limit: 10, intervalMs: 1_000 };
/** A little is added for what starts and arrivals may differ by. */
const DECLARED = { limit: 10, intervalMs: 1_050 };

const TURN_MS = 800;
const TOKEN_MS = 12;
const TOKENS = {
  instructions: 2_000,
  call: 15,
  task: 40,
  found: 200,
  report: 150,
  answer: 300,
};

type Tool = ConstructorParameters<typeof ToolNode>[0][number];

interface Contender {
  readonly name: string;
  /** Makes the nodes of one run: of the lead, and of each subagent. */
  readonly create: (size: number) => {
    readonly lead: (tools: Tool[]) => ToolNode;
    readonly subagent: (tools: Tool[]) => ToolNode;
  };
}

const STOCK: Contender = {
  name: "stock",
  create: () => ({
    lead: (tools) => new ToolNode(tools),
    subagent: (tools) => new ToolNode(tools),
  }),
};
const OURS: Contender = {
  name: "ours",
  create: (size) => {
    const serp = resource({ rateLimit: DECLARED });
    return {
      lead: (tools) => new ParallelToolNode(tools),
      subagent: (tools) =>
        new ParallelToolNode(tools, {
          // All teams run in one process, and each has a server of its own.
          resources: { [`serp of ${size}`]: serp },
          policies: {
            search: { resources: `serp of ${size}`, readOnly: true },
          },
        }),
    };
  },
};

interface Run {
  readonly ms: number;
  readonly refused: number;
  readonly found: number;
  readonly turns: number;
  readonly read: number;
}

/** A model that says what its script has for each turn. */
class ScriptedModel extends BaseChatModel {
  turns = 0;
  /** Tokens, over all turns. */
  read = 0;
  readonly #script: readonly Turn[];

  constructor(script: readonly Turn[], params: BaseChatModelParams = {}) {
    super(params);
    this.#script = script;
  }

  override _llmType(): string {
    return "scripted";
  }

  override bindTools(): this {
    return this;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const turn = this.#script[this.turns];
    if (turn === undefined) throw new Error("The script has ended.");
    this.turns += 1;
    this.read += TOKENS.instructions;
    for (const message of messages) {
      this.read += Number(message.additional_kwargs["tokens"] ?? 0);
      if (message.getType() === "tool") this.read += turn.tokensPerAnswer;
    }
    await sleep(TURN_MS + TOKEN_MS * turn.tokens);
    const message = new AIMessage({
      content: turn.calls.length === 0 ? "Done." : "",
      tool_calls: turn.calls.map((call, i) => ({
        ...call,
        id: `call_${this.turns}_${i}`,
      })),
      additional_kwargs: { tokens: turn.tokens },
    });
    return { generations: [{ text: "", message }] };
  }
}

interface Turn {
  readonly calls: readonly { name: string; args: Record<string, unknown> }[];
  /** That it writes. */
  readonly tokens: number;
  /** Of each answer that it reads. */
  readonly tokensPerAnswer: number;
}

/** The searches of one subagent, message by message, and its report. */
function searchesOf(count: number): Turn[] {
  const tokensPerAnswer = TOKENS.found;
  const turns: Turn[] = [];
  for (let left = count; left > 0; left -= PER_MESSAGE) {
    const size = Math.min(PER_MESSAGE, left);
    const calls = Array.from({ length: size }, (_, i) => ({
      name: "search",
      args: { page: left - i },
    }));
    turns.push({ calls, tokens: size * TOKENS.call, tokensPerAnswer });
  }
  return [...turns, { calls: [], tokens: TOKENS.report, tokensPerAnswer }];
}

async function runTeam(size: number, contender: Contender): Promise<Run> {
  const nodes = contender.create(size);
  const arrivals: number[] = [];
  let refused = 0;
  let found = 0;
  const search = tool(
    async () => {
      const now = performance.now();
      while (now - (arrivals[0] ?? now) >= SERVER.intervalMs) arrivals.shift();
      if (arrivals.length >= SERVER.limit) {
        refused += 1;
        throw Object.assign(new Error("too many requests"), { status: 429 });
      }
      arrivals.push(now);
      await sleep(SEARCH_MS);
      found += 1;
      return "found";
    },
    {
      name: "search",
      description: "Searches.",
      schema: z.object({ page: z.number() }),
    },
  );
  const models: ScriptedModel[] = [];
  const modelOf = (script: readonly Turn[]) => {
    const model = new ScriptedModel(script);
    models.push(model);
    return model;
  };
  const task = tool(
    async () => {
      const subagent = createReactAgent({
        llm: modelOf(searchesOf(SEARCHES / size)),
        tools: nodes.subagent([search]),
      });
      await subagent.invoke(
        { messages: [{ role: "user", content: "Search." }] },
        { recursionLimit: 100 },
      );
      return "report";
    },
    { name: "task", description: "Shares out.", schema: z.object({}) },
  );
  const tasks = Array.from({ length: size }, () => ({
    name: "task",
    args: {},
  }));
  const tokensPerAnswer = TOKENS.report;
  const lead = createReactAgent({
    llm: modelOf([
      { calls: tasks, tokens: size * TOKENS.task, tokensPerAnswer },
      { calls: [], tokens: TOKENS.answer, tokensPerAnswer },
    ]),
    tools: nodes.lead([task]),
  });
  const beganAt = performance.now();
  await lead.invoke({ messages: [{ role: "user", content: "Go." }] });
  const ms = performance.now() - beganAt;
  const sum = (of: (model: ScriptedModel) => number) =>
    models.reduce((total, model) => total + of(model), 0);
  return {
    ms,
    refused,
    found,
    turns: sum(({ turns }) => turns),
    read: sum(({ read }) => read),
  };
}

export async function team(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const cases = SIZES.flatMap((size) =>
    [STOCK, OURS].map((contender) => ({ size, contender })),
  );
  // They wait nearly all of the time, so they don't disturb one another.
  const runs = await Promise.all(
    cases.map(({ size, contender }) => runTeam(size, contender)),
  );
  const oursOf = (size: number) =>
    runs[
      cases.findIndex((one) => one.size === size && one.contender === OURS)
    ]!;
  const rows = cases.map(({ size, contender }, i) => {
    const { ms, refused, found, turns, read } = runs[i]!;
    const verdict =
      contender === OURS ? targets.atMost(0, refused, 0) : ["", ""];
    return [
      String(size),
      contender.name,
      (ms / 1_000).toFixed(1),
      String(found),
      String(refused),
      ...verdict,
      String(turns),
      read.toLocaleString("en"),
    ];
  });
  printTable(
    `${SEARCHES} searches by subagents, ${SERVER.limit} in any second`,
    ["subagents", "node", "s", "found", "429", "target", "", "turns", "read"],
    rows,
  );
  const ratio = oursOf(5).ms / oursOf(20).ms;
  printTable(
    "Time of 5 subagents over that of 20",
    ["", "ratio", "target", ""],
    [["ours", ratio.toFixed(2), ...targets.atMost(1.1, ratio)]],
  );
  return targets.allMet;
}
