/**
 * What it costs agents to share the quota of a model. A message of eight calls runs
 * eight subagents; each asks the model 20 times, one time after the other. The provider
 * lets in 60 requests and 20,000 tokens in a minute, which here takes four seconds, and
 * counts both when a request comes. Tokens bind: 40 requests of 500 tokens. The server
 * is in this process, behind the `fetch` of ChatOpenAI; time is real. Measured is the
 * BUILT package. The runs of a round come one after the other, each round in another
 * order.
 *
 * The lower bound: all tokens but those of the first minute, at the quota, and one
 * answer. The share of the quota that was used is the bound over the time that it took.
 *
 * The provider counts what it estimates and gives nothing back, and its answers are
 * shorter. So `used: false` fits it. Without that, tokens come back in our books alone,
 * and the last row shows what follows: refusals, though no loss.
 *
 * A second table shows the same for subagents in two processes (`model-quota-redis.ts`).
 */
import { randomUUID } from "node:crypto";
import { modelQuotaRedis } from "./model-quota-redis.js";
import { printRuns, runRounds } from "./support/model-quota/print-runs.js";
import { subagents } from "./support/model-quota/subagents.js";
import {
  type Contender,
  LATENCY_MS,
  QUOTA,
  ROUNDS,
  type Run,
  SUBAGENTS,
  TURNS,
} from "./support/model-quota/workload.js";
import { ModelServer } from "./support/model-server.js";
import { monotonicMs } from "./support/monotonic-time.js";
import { requireBuiltPackage } from "./support/require-built-package.js";
import { Targets } from "./support/targets.js";

const CONTENDERS: readonly Contender[] = [
  { name: "stock, no retries", options: { maxRetries: 0 } },
  {
    name: "stock, maxConcurrency 1",
    options: { maxRetries: 0, maxConcurrency: 1 },
  },
  { name: "stock, AsyncCaller's 6 retries", options: { maxRetries: 6 } },
  {
    name: "limitModel, used: false",
    options: { maxRetries: 6 },
    isOurs: true,
    hasTarget: true,
    used: false,
  },
  { name: "limitModel", options: { maxRetries: 6 }, isOurs: true },
];

export async function modelQuota(): Promise<boolean> {
  requireBuiltPackage();
  const targets = new Targets();
  const runs = await runRounds(CONTENDERS, ROUNDS, runOnce);
  printRuns(
    `model-quota: ${SUBAGENTS} subagents with ${TURNS} requests each`,
    runs,
    targets,
  );
  await modelQuotaRedis(targets);
  return targets.allMet;
}

async function runOnce(contender: Contender): Promise<Run> {
  const server = new ModelServer(QUOTA, LATENCY_MS);
  const run = subagents({
    ...contender,
    count: SUBAGENTS,
    configuration: { fetch: server.fetch },
    resource: `model ${randomUUID()}`,
  });
  const startMs = monotonicMs();
  const lost = await run();
  return { ms: monotonicMs() - startMs, refused: server.refused, lost };
}
