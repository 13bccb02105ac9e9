import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type * as Messages from "@langchain/core/messages";
import type * as Tools from "@langchain/core/tools";
import type * as Prebuilt from "@langchain/langgraph/prebuilt";
import type * as LangChain from "langchain";
import type * as Ours from "parallel-tools-node";
import type * as Middleware from "parallel-tools-node/middleware";
import type * as Zod from "zod";
import { check } from "./check.js";

const require = createRequire(import.meta.url);

for (const entry of ["", "/middleware", "/report", "/diagnose", "/redis"]) {
  const name = `parallel-tools-node${entry}`;
  check(`\`${name}\` exports the same in both module formats`, async () => {
    const esm = Object.keys((await import(name)) as object);
    const cjs = Object.keys(require(name) as object);
    const isReal = (one: string) => one !== "default" && !one.startsWith("__");
    assert.deepEqual(
      cjs.filter(isReal).toSorted(),
      esm.filter((one) => isReal(one) && one !== "module.exports").toSorted(),
    );
    assert.equal(cjs.length > 0, true);
  });
}

check("CommonJS: the node runs a batch with a cap and an order", async () => {
  const { AIMessage } = require("@langchain/core/messages") as typeof Messages;
  const { tool } = require("@langchain/core/tools") as typeof Tools;
  const { ToolNode } =
    require("@langchain/langgraph/prebuilt") as typeof Prebuilt;
  const { ParallelToolNode } = require("parallel-tools-node") as typeof Ours;
  const { z } = require("zod") as typeof Zod;
  const log: string[] = [];
  const tools = ["a", "b"].map((name) =>
    tool(
      async () => {
        log.push(name);
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        log.push(`${name} end`);
        return `${name} done`;
      },
      { name, description: name, schema: z.object({}) },
    ),
  );
  const node = new ParallelToolNode(tools, {
    policies: { a: { after: ["b"], concurrency: 1 } },
  });
  assert.equal(node instanceof ToolNode, true);
  const calls = ["a", "a", "b"].map((name, i) => ({
    name,
    args: {},
    id: String(i),
    type: "tool_call" as const,
  }));
  const answers = await node.invoke([
    new AIMessage({ content: "", tool_calls: calls }),
  ]);
  assert.deepEqual(log, ["b", "b end", "a", "a end", "a", "a end"]);
  assert.deepEqual(
    (answers as { text: string }[]).map(({ text }) => text),
    ["a done", "a done", "b done"],
  );
});

for (const version of ["v1", "v2"] as const) {
  check(`CommonJS: createAgent ${version} keeps the order`, async () => {
    const langchain = require("langchain") as typeof LangChain;
    const { parallelToolsMiddleware } =
      require("parallel-tools-node/middleware") as typeof Middleware;
    const { z } = require("zod") as typeof Zod;
    const log: string[] = [];
    const tools = ["a", "b"].map((name) =>
      langchain.tool(
        () => {
          log.push(name);
          return `${name} done`;
        },
        { name, description: name, schema: z.object({}) },
      ),
    );
    const calls = ["a", "b"].map((name) => ({ name, args: {}, id: name }));
    const agent = langchain.createAgent({
      model: new langchain.FakeToolCallingModel({ toolCalls: [calls, []] }),
      tools,
      middleware: [
        parallelToolsMiddleware({ policies: { a: { after: ["b"] } } }),
      ],
      version,
    });
    await agent.invoke({ messages: [{ role: "user", content: "Go." }] });
    assert.deepEqual(log, ["b", "a"]);
  });
}
