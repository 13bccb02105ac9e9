import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { tool } from "@langchain/core/tools";
import { type BatchReport, ParallelToolNode } from "parallel-tools-node";
import { redisLimits } from "parallel-tools-node/redis";
import { afterAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { answerLines, ask, callOf } from "../support/messages.js";
import { hasRedis, openRedis } from "../support/redis-server.js";
import { Occupancy } from "./support/gates.js";

const schema = z.object({ n: z.number() });

describe.skipIf(!hasRedis)("two nodes on one Redis", async () => {
  const redis = hasRedis ? await openRedis() : undefined;
  const prefix = `test-${randomUUID()}`;
  const clients: Redis[] = [];
  afterAll(async () => {
    for (const client of clients) await client.quit();
    await redis?.close();
  });

  /** A node that shares nothing with others but the server. */
  function createNode(
    limit: object,
    work: (n: number) => Promise<string>,
    reports: BatchReport[] = [],
  ): ParallelToolNode {
    const client = new Redis(redis?.url ?? "");
    clients.push(client);
    const query = tool(({ n }) => work(n), { name: "query", schema });
    return new ParallelToolNode([query], {
      limits: redisLimits({ client, prefix }),
      resources: { db: limit },
      policies: { query: { resources: "db" } },
      onReport: (report) => reports.push(report),
    });
  }

  const message = ask(
    ...[0, 1, 2, 3].map((n) => callOf(`call ${n}`, "query", { n })),
  );

  test("never run more calls together than their cap", async () => {
    const users = new Occupancy();
    const work = (n: number) =>
      users.during(async () => {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        return `row ${n}`;
      });
    const nodes = [1, 2].map(() => createNode({ concurrency: 1 }, work));

    const answers = await Promise.all(
      nodes.map((node) => node.invoke([message])),
    );

    expect(users.peak).toBe(1);
    for (const list of answers) {
      expect(answerLines(list)).toEqual(
        [0, 1, 2, 3].map((n) => `call ${n} ok: row ${n}`),
      );
    }
  });

  test("tell Redis nothing of what their calls are about", async () => {
    const secret = randomUUID();
    const watcher = new Redis(redis?.url ?? "");
    clients.push(watcher);
    const monitor = await watcher.monitor();
    const commands: string[] = [];
    monitor.on("monitor", (_time: string, args: string[]) => {
      commands.push(args.join(" "));
    });
    const nodes = [1, 2].map(() => {
      const client = new Redis(redis?.url ?? "", { connectionName: secret });
      clients.push(client);
      const query = tool(({ text }) => `found ${text}`, {
        name: "query",
        schema: z.object({ text: z.string() }),
      });
      return new ParallelToolNode([query], {
        limits: redisLimits({ client, prefix }),
        resources: {
          secrets: { concurrency: 1, rateLimit: { limit: 9, intervalMs: 9 } },
        },
        policies: {
          query: {
            resources: () => "secrets",
            cost: ({ text }) => text.length,
          },
        },
      });
    });
    const calls = [1, 2, 3].map((n) =>
      callOf(`${secret} ${n}`, "query", { text: secret.slice(0, 9) }),
    );

    await Promise.all(nodes.map((node) => node.invoke([ask(...calls)])));

    const isLast = (command: string) => command.startsWith("echo last");
    await watcher.echo("last");
    await vi.waitUntil(() => commands.some(isLast), { timeout: 10_000 });
    monitor.disconnect();
    const ours = commands.filter((command) => command.includes(`{${prefix}}`));
    expect(ours.join("\n")).toContain("resource secrets");
    expect(ours.join("\n")).not.toContain(secret.slice(0, 9));
  });

  test("start no more calls in a window than their rate, and say what they waited for", async () => {
    const reports: BatchReport[] = [];
    const starts: number[] = [];
    const work = (n: number) => {
      starts.push(performance.now());
      return Promise.resolve(`row ${n}`);
    };
    const rateLimit = { limit: 3, intervalMs: 400 };
    const nodes = [1, 2].map(() => createNode({ rateLimit }, work, reports));

    await Promise.all(nodes.map((node) => node.invoke([message])));

    const sorted = starts.toSorted((a, b) => a - b);
    expect(sorted).toHaveLength(8);
    // The jitter that the limit keeps free is what starts may be late by.
    for (const [i, start] of sorted.slice(3).entries()) {
      expect(start - (sorted[i] as number)).toBeGreaterThan(200);
    }
    const waits = reports.flatMap(({ calls }) => calls.flatMap((c) => c.waits));
    expect(waits).not.toEqual([]);
    for (const wait of waits) {
      expect(wait).toMatchObject({ for: "rate", limit: "resource db" });
    }
  });
});

test("a call whose limits can't be asked is answered with the reason", async () => {
  const client = new Redis({ port: 1, lazyConnect: true, retryStrategy: null });
  client.on("error", () => {});
  const query = tool(() => "row", { name: "query", schema });
  const node = new ParallelToolNode([query], {
    limits: redisLimits({ client, onUnavailable: "error" }),
    policies: { query: { concurrency: 1 } },
  });

  const answers = await node.invoke([ask(callOf("a", "query", { n: 1 }))]);

  expect(answerLines(answers)).toEqual([
    expect.stringMatching(
      /^a error: Not run: the limits that this tool shares with other processes can't be read .* make it again later, or go on without it\.$/,
    ),
  ]);
});
