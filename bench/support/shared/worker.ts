// A process that makes calls as fast as the shared limits let it, until told to
// stop. Counts the commands that it sends to Redis.
import { setMaxListeners } from "node:events";
import { setPriority } from "node:os";
import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { Redis } from "ioredis";
import { ParallelToolNode } from "parallel-tools-node";
import { redisLimits } from "parallel-tools-node/redis";
import { z } from "zod";
import { monotonicMs } from "../monotonic-time.js";
import { getPage } from "./get-page.js";
import type { Order, Report, WorkerSettings } from "./protocol.js";

const settings = JSON.parse(process.argv[2]!) as WorkerSettings;
const { origin, redisUrl, prefix, leaseMs, resource, calls } = settings;

// The server, which is the referee, and Redis are not to wait for the players.
setPriority(10);

let commands = 0;
// Of all connections, also those that are made from the client.
// oxlint-disable-next-line typescript/unbound-method -- called on a client below
const send = Redis.prototype.sendCommand;
Redis.prototype.sendCommand = function (...args) {
  commands += 1;
  return send.apply(this, args);
};

const client = new Redis(redisUrl);

const tools = ["fetch_page", "warm_up"].map((name) =>
  tool(() => getPage(`${origin}/${name}/${process.pid}/${monotonicMs()}`), {
    name,
    description: "Fetches a page.",
    schema: z.object({}),
  }),
);
/** A limit that nobody shares and that holds nobody up. */
const own = `warm-up-${process.pid}`;
const limits = redisLimits({ client, prefix, leaseMs, onUnavailable: "error" });
const node = new ParallelToolNode(tools, {
  limits,
  resources: {
    api: resource,
    [own]: { rateLimit: { limit: 1_000, intervalMs: 100 } },
  },
  policies: {
    // Equal calls that are each made, also again after a refusal.
    fetch_page: { resources: "api", idempotent: true },
    warm_up: { resources: own, idempotent: true },
  },
});
const controller = new AbortController();
// A listener for each call of a message that runs.
setMaxListeners(calls, controller.signal);

process.on("message", (order: Order) => {
  void (order === "go" ? run() : stop());
});
process.on("disconnect", () => process.exit());
// Connections are opened and code is compiled before the clock runs: eight
// processes that share a few cores and are cold make requests late, and what
// would be measured is the compiler.
for (let i = 0; i < 50; i += 1) await node.invoke([messageOf("warm_up", 20)]);
commands = 0;
report({ type: "ready" });

let ended: Promise<unknown> = Promise.resolve();

function run(): void {
  const { signal } = controller;
  const message = messageOf("fetch_page", calls);
  ended = node.invoke([message], { signal }).catch(() => {});
}

async function stop(): Promise<void> {
  const sent = commands;
  controller.abort();
  await ended;
  await client.quit();
  report({ type: "stopped", commands: sent });
}

function messageOf(name: string, count: number): AIMessage {
  return new AIMessage({
    content: "",
    tool_calls: Array.from({ length: count }, (_, i) => ({
      name,
      args: {},
      id: `call_${i}`,
      type: "tool_call" as const,
    })),
  });
}

function report(message: Report): void {
  process.send!(message);
}
