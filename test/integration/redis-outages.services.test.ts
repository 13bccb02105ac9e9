import { Redis } from "ioredis";
import { tool } from "@langchain/core/tools";
import { ParallelToolNode } from "parallel-tools-node";
import { redisLimits } from "parallel-tools-node/redis";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
  vi,
} from "vitest";
import { z } from "zod";
import { answerLines, ask, callOf } from "../support/messages.js";
import { hasOwnRedis, RedisServer } from "../support/redis-server.js";
import { createGate, type Gate, Occupancy } from "./support/gates.js";

const CALLS = [0, 1, 2, 3, 4];
const message = ask(...CALLS.map((n) => callOf(`call ${n}`, "query", { n })));
const until = (isSo: () => boolean) => vi.waitUntil(isSo, { timeout: 10_000 });
const ok = (n: number) => `call ${n} ok: row ${n}`;

describe.runIf(hasOwnRedis)(
  "a batch in the middle of which Redis stops",
  {
    timeout: 30_000,
  },
  () => {
    let server: RedisServer;
    let client: Redis;
    let users: Occupancy;
    /** The second call tells that it runs, and ends when it may. */
    let runs: Gate;
    let ends: Gate;
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    beforeAll(async () => {
      server = await RedisServer.create();
    });
    beforeEach(() => {
      warn.mockClear();
      client = new Redis(server.url, { retryStrategy: () => 20 });
      client.on("error", () => {});
      users = new Occupancy();
      runs = createGate();
      ends = createGate();
    });
    afterEach(async () => {
      client.disconnect();
      await server.stop();
      await server.start();
    });
    afterAll(() => server.remove());

    function createNode(onUnavailable: "wait" | "local" | "error") {
      const query = tool(
        ({ n }) =>
          users.during(async () => {
            if (n === 1) runs.open();
            if (n === 1) await ends.opened;
            return `row ${n}`;
          }),
        { name: "query", schema: z.object({ n: z.number() }) },
      );
      return new ParallelToolNode([query], {
        limits: redisLimits({ client, onUnavailable, commandTimeoutMs: 500 }),
        resources: {
          db: {
            concurrency: 1,
            rateLimit: { limit: 100, intervalMs: 100, jitterMs: 0 },
          },
        },
        policies: { query: { resources: "db" } },
      });
    }

    const warnings = () => warn.mock.calls.map(([text]) => String(text));

    test("goes on by the limits of its process, and the next one in Redis", async () => {
      const node = createNode("local");
      const batch = node.invoke([message]);
      await runs.opened;
      await server.stop();
      await until(() => warnings().length > 0);
      // The slot in Redis is gone with it: this process's own limits are empty.
      ends.open();
      expect(answerLines(await batch)).toEqual(CALLS.map(ok));
      expect(users.peak).toBeLessThanOrEqual(2);
      expect(warnings()).toEqual([
        "parallel-tools-node: Redis can't be asked for limits (the connection is closed). Until it is back, each process keeps the limits for itself.",
      ]);
      await server.start();
      // It has said what it has to say, and its calls are counted there again.
      await vi.waitFor(
        async () => {
          const next = answerLines(await node.invoke([message]));
          expect(next).toEqual(CALLS.map(ok));
          const key = "{parallel-tools}:log:resource db";
          expect(await client.exists(key)).toBe(1);
        },
        { timeout: 10_000 },
      );
    });

    test("waits until it's back, and then goes on", async () => {
      const node = createNode("wait");
      let isOver = false;
      const batch = node.invoke([message]).finally(() => {
        isOver = true;
      });
      await runs.opened;
      await server.stop();
      await until(() => warnings().length > 0);
      ends.open();
      await until(() => client.status === "reconnecting");
      expect(isOver).toBe(false);
      await server.start();
      expect(answerLines(await batch)).toEqual(CALLS.map(ok));
      expect(users.peak).toBe(1);
      expect(warnings()).toHaveLength(1);
    });

    test("answers with errors what has not started, and the next one runs", async () => {
      const node = createNode("error");
      const batch = node.invoke([message]);
      await runs.opened;
      await server.stop();
      await until(() => warnings().length > 0);
      ends.open();
      const answers = answerLines(await batch);
      expect(answers.slice(0, 2)).toEqual([ok(0), ok(1)]);
      for (const [i, answer] of answers.slice(2).entries()) {
        expect(answer).toMatch(
          new RegExp(
            `^call ${i + 2} error: Not run: the limits of this tool can't be checked.*Make this call again later`,
          ),
        );
      }
      await server.start();
      await until(() => client.status === "ready");
      await vi.waitFor(
        async () => {
          const next = answerLines(await node.invoke([message]));
          expect(next).toEqual(CALLS.map(ok));
        },
        { timeout: 10_000 },
      );
      expect(warnings()).toHaveLength(1);
    });
  },
);
