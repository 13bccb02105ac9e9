import { expect, it } from "vitest";
import type { RedisClient } from "@/redis/redis-client.js";
import { ScriptCaller } from "@/redis/script-caller.js";
import { FakeClock } from "../support/fake-clock.js";

it("a call that was given up before the client was ready is never made", async () => {
  const clock = new FakeClock();
  const sent: string[] = [];
  const client: RedisClient = {
    status: "connecting",
    connect: () => Promise.resolve(),
    disconnect: () => {},
    duplicate: () => client,
    evalsha: (_sha, _count, _key, update) => {
      sent.push(String(update));
      return Promise.resolve([]);
    },
    eval: () => Promise.reject(new Error("the script is loaded")),
    subscribe: () => Promise.resolve(1),
    on: () => client,
    off: () => client,
  };
  const caller = new ScriptCaller(
    { client, script: { source: "", sha: "" }, key: "clock", timeoutMs: 100 },
    clock,
  );
  const first = caller.call("first").catch(String);
  await clock.advance(100);
  expect(await first).toBe("Error: no answer within 100 ms");
  const second = caller.call("second");
  caller.onReady();
  expect(await second).toEqual([]);
  expect(sent).toEqual(["second"]);
  expect(clock.pending).toBe(0);
});
