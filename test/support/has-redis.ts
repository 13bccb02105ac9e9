import { spawnSync } from "node:child_process";
import process from "node:process";

/** Whether a server can be stopped and started here. */
export const hasOwnRedis =
  spawnSync("redis-server", ["--version"]).error === undefined;

/** Whether there is any server to test with. */
export const hasRedis = hasOwnRedis || process.env["REDIS_URL"] !== undefined;

/** What can't be tested here, and why. */
export const missingRedis = hasOwnRedis
  ? undefined
  : `Tests ${hasRedis ? "that stop and start a server" : "with Redis"} need a redis-server (5 or later) in the PATH`;
