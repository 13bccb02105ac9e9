// What a test starts as a process of its own: node worker.ts URL PREFIX TASK
import process from "node:process";
import { Redis } from "ioredis";
import { redisLimits } from "../../../packages/parallel-tools-node/src/redis.ts";

const [url = "", prefix = "", task = ""] = process.argv.slice(2);
const client = new Redis(url);
const limits = redisLimits({ client, prefix, leaseMs: 600 });
const { signal } = new AbortController();
const cap = { name: "resource db", concurrency: 1 };
const rateLimit = {
  algorithm: "sliding-window",
  limit: 1,
  intervalMs: 50,
  jitterMs: 0,
  burst: 1,
} as const;

const acquire = (name: string) =>
  limits.acquire({
    limits: [name === "db" ? cap : { name, rateLimit }],
    cost: 1,
    signal,
  });

if (task === "hold") {
  await acquire("db");
  process.stdout.write("holds\n");
} else if (task === "hold two of three") {
  const wide = { ...cap, concurrency: 3 };
  process.stdout.write("asks\n");
  const request = { limits: [wide], cost: 1, signal };
  await Promise.all([limits.acquire(request), limits.acquire(request)]);
  process.stdout.write("holds both\n");
} else {
  // Everything that could leave a timer or a connection behind.
  const first = await acquire("db");
  const second = acquire("db");
  const third = acquire("db");
  await Promise.all([acquire("resource api"), acquire("resource api")]);
  first.release();
  (await second).release();
  (await third).release();
  const controller = new AbortController();
  const request = { limits: [cap], cost: 1, signal: controller.signal };
  const held = await limits.acquire(request);
  const aborted = limits.acquire(request).catch(() => {});
  controller.abort();
  await aborted;
  if (task === "release") held.release();
  await new Promise(setImmediate);
  await client.quit();
  process.stdout.write("quits\n");
}
