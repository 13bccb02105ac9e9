import assert from "node:assert/strict";
import { tool } from "@langchain/core/tools";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { z } from "zod";
import { settle } from "../../support/fake-clock.js";
import { answerLines, ask, callOf } from "../../support/messages.js";
import { Stage } from "../../support/stage.js";
import { check } from "./check.js";

/** Runs calls `1` to `4`, of tools `a` and `b` in turn, and looks at the start. */
async function start(options: ParallelToolNodeOptions) {
  const stage = new Stage();
  const controller = new AbortController();
  const node = new ParallelToolNode(stage.tools("a", "b"), options);
  const calls = ["a", "b", "a", "b"].map((name, i) =>
    callOf(String(i + 1), name, { n: i }),
  );
  const run = node.invoke([ask(...calls)], { signal: controller.signal });
  run.catch(() => {});
  await settle();
  return { stage, run, controller };
}

const CAPS: Readonly<Record<string, ParallelToolNodeOptions>> = {
  "a tool": { policies: { a: { concurrency: 1 }, b: { concurrency: 1 } } },
  "a resource": {
    resources: { key: { concurrency: 2 } },
    defaultPolicy: { resources: "key" },
  },
  "the node": { maxConcurrency: 2 },
};

for (const [whose, options] of Object.entries(CAPS)) {
  check(
    `a cap of ${whose} holds, and a freed slot is taken at once`,
    async () => {
      const { stage, run } = await start(options);
      assert.deepEqual(stage.log, ["1 start", "2 start"]);
      await stage.finish("1");
      assert.deepEqual(stage.log.slice(2), ["1 end", "3 start"]);
      for (const id of ["2", "3", "4"]) await stage.finish(id);
      assert.equal((await run).length, 4);
    },
  );
}

check("a rate lets no more calls start than it allows", async () => {
  const rateLimit = { limit: 3, intervalMs: 3_600_000 };
  const { stage, run, controller } = await start({
    resources: { key: { rateLimit } },
    defaultPolicy: { resources: "key" },
  });
  for (const id of ["1", "2", "3", "4"]) await stage.finish(id);
  assert.deepEqual(
    stage.log.filter((line) => line.endsWith("start")),
    ["1 start", "2 start", "3 start"],
  );
  controller.abort(new Error("enough"));
  await assert.rejects(run, /enough/);
});

check("calls beyond `maxCalls` are answered without being run", async () => {
  const { stage, run } = await start({ maxCalls: 2 });
  await stage.finish("1");
  await stage.finish("2");
  const lines = answerLines(await run);
  assert.deepEqual(lines.slice(0, 2), ["1 ok: 1 result", "2 ok: 2 result"]);
  for (const line of lines.slice(2)) assert.match(line, /^[34] error: Not run/);
  assert.deepEqual(stage.log.slice(0, 2), ["1 start", "2 start"]);
  assert.equal(stage.log.length, 4);
});

check("identical calls of a tool that only reads run once", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("get", "put"), {
    policies: { get: { readOnly: true } },
  });
  for (const id of ["1", "3", "4"]) await stage.finish(id);
  const answers = await node.invoke([
    ask(
      callOf("1", "get", { q: 1 }),
      callOf("2", "get", { q: 1 }),
      callOf("3", "put", { q: 1 }),
      callOf("4", "put", { q: 1 }),
    ),
  ]);
  assert.deepEqual(answerLines(answers), [
    "1 ok: 1 result",
    "2 ok: 1 result",
    "3 ok: 3 result",
    "4 ok: 4 result",
  ]);
});

check("a tool is run again if its policy says so, and not else", async () => {
  const attempts = { again: 0, once: 0 };
  const flaky = (name: keyof typeof attempts) =>
    tool(
      () => {
        attempts[name] += 1;
        if (attempts[name] === 1) throw new Error("down");
        return "up";
      },
      { name, description: name, schema: z.object({}) },
    );
  const retry = { initialInterval: 0, jitter: false };
  const answers = await new ParallelToolNode([flaky("again"), flaky("once")], {
    policies: { again: { retry }, once: {} },
  }).invoke([ask(callOf("1", "again"), callOf("2", "once"))]);
  assert.deepEqual(attempts, { again: 2, once: 1 });
  assert.equal(answerLines(answers)[0], "1 ok: up");
});

check("a call that hangs is ended at its limit", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t"), {
    policies: { t: { timeoutMs: 1 } },
  });
  const answers = await node.invoke([ask(callOf("1", "t"))]);
  assert.match(String(answerLines(answers)[0]), /^1 error: .*did not finish/);
  assert.deepEqual(stage.log, ["1 start", "1 signal"]);
});
