import assert from "node:assert/strict";
import { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { tool, type ToolRuntime } from "@langchain/core/tools";
import { Command } from "@langchain/langgraph";
import type { ParallelToolNodeOptions } from "parallel-tools-node";
import { z } from "zod";
import { Notes } from "../../middleware/support/notes.js";
import {
  AGENT_HOSTS,
  type AgentHost,
  GO,
  hostAgent,
  readRun,
} from "../../support/agent-hosts.js";
import { LoggedModel } from "../../support/logged-model.js";
import { callOf } from "../../support/messages.js";
import { check } from "./check.js";

/** An agent whose model asks for the calls in one message, then stops. */
async function run(
  host: AgentHost,
  calls: ToolCall[],
  options: ParallelToolNodeOptions,
) {
  const notes = new Notes();
  const list = () => JSON.stringify({ items: [{ id: 7 }] });
  const note = tool(
    (_, { toolCallId }: ToolRuntime) => {
      const content = "noted";
      const answer = new ToolMessage({ content, tool_call_id: toolCallId });
      return new Command({ update: { messages: [answer] } });
    },
    { name: "note", description: "Notes.", schema: z.object({}) },
  );
  const tools = [
    ...notes.tools("a", "b", "c", "d"),
    notes.failing("broken"),
    notes.tool("list", list),
    note,
  ];
  const model = new LoggedModel("the", [calls], notes.log);
  const agent = hostAgent(host, model, tools as never, options);
  const { messages } = await agent.invoke(GO);
  const log = notes.log.filter((line) => !line.startsWith("the model"));
  return { ...readRun(messages), log };
}

const FOUR = ["a", "b", "c", "d"].map((name, i) => callOf(`${i + 1}`, name));
const DONE = ["1 ok: a done", "2 ok: b done", "3 ok: c done", "4 ok: d done"];

for (const host of AGENT_HOSTS) {
  check(`${host}: calls run in the order that policies ask for`, async () => {
    const { answers, last, log } = await run(host, FOUR, {
      policies: { a: { after: ["b"] }, c: { sequential: true } },
    });
    assert.deepEqual(
      log,
      ["b", "a", "c", "d"].flatMap((name) => [name, `${name} end`]),
    );
    assert.deepEqual(answers, DONE);
    assert.equal(last, "ai: done");
  });

  check(`${host}: a cap that two tools share holds`, async () => {
    const { answers, log } = await run(host, FOUR, {
      resources: { key: { concurrency: 2 } },
      defaultPolicy: { resources: "key" },
    });
    let running = 0;
    const counts = log.map(
      (line) => (running += line.endsWith("end") ? -1 : 1),
    );
    assert.equal(Math.max(...counts), 2);
    assert.deepEqual(answers, DONE);
  });

  check(
    `${host}: who depends on a failed call is told, others go on`,
    async () => {
      const calls = [callOf("1", "broken"), callOf("2", "b"), callOf("3", "c")];
      const { answers, last, log } = await run(host, calls, {
        policies: { b: { after: ["broken"] } },
      });
      assert.match(String(answers[0]), /^1 error: Error: broken is broken/);
      assert.match(
        String(answers[1]),
        /^2 error: Not run: .*call 1 \(broken\)/,
      );
      assert.equal(answers[2], "3 ok: c done");
      assert.equal(log.includes("b"), false);
      assert.equal(last, "ai: done");
    },
  );

  check(`${host}: a reference is the value of the earlier call`, async () => {
    const calls = [
      callOf("1", "list"),
      callOf("2", "b", { item: "$1.items[0].id", price: "$5" }),
      callOf("3", "c", { item: "$1.nothing" }),
    ];
    const { answers, log } = await run(host, calls, { references: true });
    assert.equal(log.includes('b {"item":7,"price":"$5"}'), true);
    assert.match(String(answers[2]), /^3 error: .*items/s);
    assert.equal(
      log.some((line) => line.startsWith("c")),
      false,
    );
  });

  check(`${host}: what stands behind a replan call is deferred`, async () => {
    const { answers, log } = await run(host, FOUR, {
      policies: { b: { sequential: "replan" } },
    });
    assert.deepEqual(log, ["a", "a end", "b", "b end"]);
    assert.deepEqual(answers.slice(0, 2), DONE.slice(0, 2));
    for (const line of answers.slice(2))
      assert.match(line, /error: Not run: call 2/);
  });

  check(
    `${host}: a Command updates the state beside other answers`,
    async () => {
      const calls = [callOf("1", "a"), callOf("2", "note"), callOf("3", "c")];
      const { answers, last } = await run(host, calls, {
        policies: { c: { after: ["note"] } },
      });
      assert.deepEqual(answers.toSorted(), [
        "1 ok: a done",
        "2 ok: noted",
        "3 ok: c done",
      ]);
      assert.equal(last, "ai: done");
    },
  );
}
