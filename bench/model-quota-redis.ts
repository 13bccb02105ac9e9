/**
 * The quota of a model that agents in two processes share: `model-quota` with four of
 * the eight subagents in each process, and `limitModel` on limits in Redis. This process
 * is the model's server, over HTTP, and counts all requests on one clock. Redis is that
 * of `REDIS_URL`, else one that is started for the purpose. The processes have made
 * requests before the clock runs, so that what is measured is not the compiler.
 *
 * A process that a busy machine keeps from a start for more than half of `jitterMs` lets
 * it lapse (decision 0013), and its tokens are lost for a window. Here all requests fill
 * four windows to the last token, so that one lapsed start costs a fifth window, and a
 * quarter of the share. The default of 40 ms is for starts that are late by 20 ms at most,
 * which a machine with as many busy processes as cores doesn't keep to. So the target is
 * for 100 ms, which costs 60 ms more in each window, and the last row shows the default.
 */
import { randomUUID } from "node:crypto";
import { ModelHttpServer } from "./support/model-quota/model-http-server.js";
import { printRuns, runRounds } from "./support/model-quota/print-runs.js";
import { WorkerProcess } from "./support/model-quota/worker-process.js";
import {
  type Contender,
  LATENCY_MS,
  QUOTA,
  ROUNDS,
  type Run,
  SUBAGENTS,
  TURNS,
} from "./support/model-quota/workload.js";
import { monotonicMs } from "./support/monotonic-time.js";
import type { Targets } from "./support/targets.js";
import { hasRedis, openRedis } from "../test/support/redis-server.js";

const PROCESSES = 2;
const CONTENDERS: readonly Contender[] = [
  { name: "stock, no retries", options: { maxRetries: 0 } },
  { name: "stock, AsyncCaller's 6 retries", options: { maxRetries: 6 } },
  {
    name: "limitModel, redisLimits, jitterMs 100",
    options: { maxRetries: 6 },
    isOurs: true,
    hasTarget: true,
    used: false,
    jitterMs: 100,
  },
  {
    name: "the same, jitterMs 40",
    options: { maxRetries: 6 },
    isOurs: true,
    used: false,
  },
];
/** More than is asked for. */
const NO_QUOTA = { ...QUOTA, requests: 1e6, tokens: 1e9 };
/** Of each subagent: within the quota, so that nobody waits for it. */
const WARM_UP_TURNS = 4;

export async function modelQuotaRedis(targets: Targets): Promise<void> {
  if (!hasRedis) {
    console.log(
      "\nmodel-quota in two processes was not measured: it needs a redis-server in the PATH, or REDIS_URL.",
    );
    return;
  }
  const redis = await openRedis();
  const workers: WorkerProcess[] = [];
  try {
    for (let i = 0; i < PROCESSES; i += 1) {
      workers.push(await WorkerProcess.start(redis.url));
    }
    for (const one of CONTENDERS) {
      await runOnce(workers, one, NO_QUOTA, WARM_UP_TURNS);
    }
    const runs = await runRounds(CONTENDERS, ROUNDS, (one) =>
      runOnce(workers, one, QUOTA, TURNS),
    );
    printRuns(
      `model-quota: ${PROCESSES} processes on one Redis, ${SUBAGENTS / PROCESSES} subagents in each with ${TURNS} requests`,
      runs,
      targets,
    );
  } finally {
    for (const worker of workers) worker.stop();
    await redis.close();
  }
}

async function runOnce(
  workers: readonly WorkerProcess[],
  contender: Contender,
  quota: typeof QUOTA,
  turns: number,
): Promise<Run> {
  const server = await ModelHttpServer.start(quota, LATENCY_MS);
  const { origin } = server;
  const count = SUBAGENTS / workers.length;
  const resource = `bench-${randomUUID()}`;
  await Promise.all(
    workers.map((worker) =>
      worker.prepare({ ...contender, count, turns, origin, resource }),
    ),
  );
  const startMs = monotonicMs();
  const lost = await Promise.all(workers.map((worker) => worker.run()));
  const ms = monotonicMs() - startMs;
  server.stop();
  return { ms, refused: server.refused, lost: lost.reduce((a, b) => a + b) };
}
