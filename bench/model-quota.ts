/**
 * What it costs agents to share the quota of a model. A message of eight calls runs
 * eight subagents; each asks the model 20 times, one time after the other. The provider
 * lets in 60 requests and 20,000 tokens in a minute, which here takes two seconds, and
 * counts both when a request comes. Tokens bind: 40 requests of 500 tokens. The server
 * is in this process, behind the `fetch` of ChatOpenAI; time is real. Measured is the
 * BUILT package. The runs of a round come one after the other, each round in another
 * order.
 *
 * The lower bound: all tokens but those of the first minute, at the quota, and one
 * answer. The share of the quota that was used is the bound over the time that it took.
 */
import { tool } from "@langchain/core/tools";
import { AIMessage } from "@langchain/core/messages";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { limitModel, ParallelToolNode } from "parallel-tools-node";
import { z } from "zod";
import { ModelServer } from "./support/model-server.js";
import { monotonicMs } from "./support/monotonic-time.js";
import { printTable } from "./support/print-table.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { mean, median } from "./support/statistics.js";
import { Targets } from "./support/targets.js";

const SUBAGENTS = 8;
const TURNS = 20;
const REQUESTS = SUBAGENTS * TURNS;
const INTERVAL_MS = 2_000;
const QUOTA = { requests: 60, tokens: 20_000, intervalMs: INTERVAL_MS };
const LATENCY_MS = 30;
/** 1,200 characters and 200 tokens that may come back: 500 tokens. */
const PROMPT = "x".repeat(1_200);
const MAX_TOKENS = 200;
const ROUNDS = 3;
/** All but the first window, then an answer. */
const BOUND_MS =
  ((REQUESTS * 500) / QUOTA.tokens - 1) * INTERVAL_MS + LATENCY_MS;

interface Contender {
  readonly name: string;
  /** Of ChatOpenAI. */
  readonly options: {
    readonly maxRetries: number;
    readonly maxConcurrency?: number;
  };
  readonly isOurs?: boolean;
}

const CONTENDERS: readonly Contender[] = [
  { name: "stock, no retries", options: { maxRetries: 0 } },
  {
    name: "stock, maxConcurrency 1",
    options: { maxRetries: 0, maxConcurrency: 1 },
  },
  { name: "stock, AsyncCaller's 6 retries", options: { maxRetries: 6 } },
  { name: "limitModel", options: { maxRetries: 6 }, isOurs: true },
];

interface Run {
  readonly ms: number;
  readonly refused: number;
  readonly lost: number;
}

export async function modelQuota(): Promise<boolean> {
  requireBuiltPackage();
  const runs = new Map(CONTENDERS.map((one): [Contender, Run[]] => [one, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = round % CONTENDERS.length;
    const order = [...CONTENDERS.slice(first), ...CONTENDERS.slice(0, first)];
    for (const one of order) runs.get(one)!.push(await runOnce(one));
  }
  const targets = new Targets();
  printTable(
    `model-quota: ${SUBAGENTS} subagents with ${TURNS} requests each, a model that lets in ${QUOTA.requests} requests and ${QUOTA.tokens} tokens in ${INTERVAL_MS / 1_000} s; lower bound ${BOUND_MS} ms, shares in brackets where requests were lost`,
    [
      "model",
      "makespan ms",
      "quota used",
      "429s per run",
      `lost of ${REQUESTS}`,
      "target",
      "",
    ],
    CONTENDERS.map((one) => rowOf(one, runs.get(one)!, targets)),
  );
  return targets.allMet;
}

async function runOnce({ options, isOurs = false }: Contender): Promise<Run> {
  const server = new ModelServer(QUOTA, LATENCY_MS);
  const openai = new ChatOpenAI({
    model: "gpt-5.4",
    apiKey: "none",
    useResponsesApi: false,
    maxTokens: MAX_TOKENS,
    configuration: { fetch: server.fetch },
    ...options,
  });
  let lost = 0;
  let model = openai;
  const task = tool(
    async () => {
      for (let turn = 0; turn < TURNS; turn += 1) {
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
    node = new ParallelToolNode([task], {
      policies: { task: {} },
      resources: {
        [`model ${performance.now()}`]: {
          rateLimit: [
            { limit: requests, intervalMs, counts: "calls" },
            { limit: tokens, intervalMs },
          ],
        },
      },
    });
    model = limitModel(openai, node);
  }
  const message = new AIMessage({
    content: "",
    tool_calls: Array.from({ length: SUBAGENTS }, (_, i) => ({
      name: "task",
      args: {},
      id: `${i}`,
      type: "tool_call" as const,
    })),
  });
  const startMs = monotonicMs();
  await node.invoke([message]);
  return { ms: monotonicMs() - startMs, refused: server.refused, lost };
}

function rowOf(
  { name, isOurs }: Contender,
  runs: readonly Run[],
  targets: Targets,
): string[] {
  const lost = mean(runs.map((run) => run.lost));
  const refused = mean(runs.map((run) => run.refused));
  const used = median(runs.map(({ ms }) => BOUND_MS / ms));
  const cells = [
    name,
    median(runs.map(({ ms }) => ms)).toFixed(0),
    lost > 0 ? `(${used.toFixed(3)})` : used.toFixed(3),
    refused.toFixed(1),
    lost.toFixed(1),
  ];
  if (!isOurs) return cells;
  const [wanted, verdict] = targets.atLeast(0.95, used);
  const [, refusals] = targets.atMost(0, refused, 0);
  const [, loss] = targets.atMost(0, lost, 0);
  const isMet = [verdict, refusals, loss].every((one) => one === "met");
  return [
    ...cells,
    `used ${wanted}, no 429, no loss`,
    isMet ? "met" : "MISSED",
  ];
}
