// A process with subagents that share the quota of a model with those of another one.
import { setPriority } from "node:os";
import process from "node:process";
import { Redis } from "ioredis";
import { redisLimits } from "parallel-tools-node/redis";
import type { Order, Report, RunSettings } from "./protocol.js";
import { subagents } from "./subagents.js";

// The server, which is the referee, and Redis are not to wait for the players.
setPriority(10);

const client = new Redis(process.argv[2]!);
let run: () => Promise<number>;

process.on("message", (order: Order) => {
  if (order.type === "prepare") prepare(order.settings);
  else void run().then((lost) => report({ type: "done", lost }));
});
process.on("disconnect", () => process.exit());
await client.ping();
report({ type: "ready" });

function prepare({ origin, ...settings }: RunSettings): void {
  run = subagents({
    ...settings,
    configuration: { baseURL: origin },
    limits: redisLimits({
      client,
      prefix: settings.resource,
      onUnavailable: "error",
    }),
  });
  report({ type: "ready" });
}

function report(message: Report): void {
  process.send!(message);
}
