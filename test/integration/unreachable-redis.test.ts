import { tool } from "@langchain/core/tools";
import { Redis } from "ioredis";
import { ParallelToolNode } from "parallel-tools-node";
import { redisLimits } from "parallel-tools-node/redis";
import { expect, test } from "vitest";
import { z } from "zod";
import { answerLines, ask, callOf } from "../support/messages.js";

const schema = z.object({ n: z.number() });

test("a call whose limits can't be asked is told so, and not why", async () => {
  const client = new Redis({ port: 1, lazyConnect: true, retryStrategy: null });
  client.on("error", () => {});
  const query = tool(() => "row", { name: "query", schema });
  const node = new ParallelToolNode([query], {
    limits: redisLimits({ client, onUnavailable: "error" }),
    policies: { query: { concurrency: 1 } },
  });

  const answers = await node.invoke([ask(callOf("a", "query", { n: 1 }))]);

  expect(answerLines(answers)).toEqual([
    "a error: Not run: the limits of this tool can't be checked for now. Make this call again later, or go on without it.",
  ]);
});
