import assert from "node:assert/strict";
import type {
  StructuredTool,
  StructuredToolParams,
} from "@langchain/core/tools";
import { tool } from "@langchain/core/tools";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import { ToolNode as StockToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode, withReferences } from "parallel-tools-node";
import { z } from "zod";
import type * as zodThree from "zod/v3";
import { answerLines, ask, callOf } from "../../support/messages.js";
import { check } from "./check.js";

// A package of its own, so that it is no part of zod 4.
const threeName = "zod-3";
const { z: z3 } = (await import(threeName)) as typeof zodThree;

const SCHEMAS: Readonly<Record<string, unknown>> = {
  "zod 4": z.object({ n: z.number(), tags: z.array(z.string()).optional() }),
  "zod 3": z3.object({
    n: z3.number(),
    tags: z3.array(z3.string()).optional(),
  }),
  "JSON schema": {
    type: "object",
    properties: {
      n: { type: "number" },
      tags: { type: "array", items: { type: "string" } },
    },
    required: ["n"],
  },
};

/** Gives a number that is as large as the one that it is given, and more. */
function addOne(schema: unknown): StructuredTool {
  const add = (args: unknown) =>
    JSON.stringify({ n: (args as { n: number }).n + 1 });
  return tool(add, {
    name: "add",
    description: "Adds one.",
    schema: schema as z.ZodObject,
  });
}

for (const [name, schema] of Object.entries(SCHEMAS)) {
  check(
    `a tool of ${name} takes arguments, and refuses others as on the stock node`,
    async () => {
      const tools = [addOne(schema)];
      const message = ask(
        callOf("1", "add", { n: 1 }),
        callOf("2", "add", { n: "one" }),
        callOf("3", "add"),
      );
      const ours = answerLines(
        await new ParallelToolNode(tools, {
          policies: { add: { concurrency: 1 } },
        }).invoke([message]),
      );
      assert.equal(ours[0], '1 ok: {"n":2}');
      assert.match(String(ours[1]), /^2 error: /);
      assert.deepEqual(
        ours,
        answerLines(await new StockToolNode(tools).invoke([message])),
      );
    },
  );

  check(
    `a tool of ${name} is shown with references, and gets a number for one`,
    async () => {
      const add = addOne(schema);
      const [shown] = withReferences([add]);
      const { parameters } = convertToOpenAITool(shown as StructuredToolParams)
        .function as unknown as { parameters: { properties: { n: object } } };
      const { n } = parameters.properties;
      assert.deepEqual(Object.keys(n), ["anyOf"]);
      const answers = await new ParallelToolNode([add], {
        references: true,
      }).invoke([
        ask(
          callOf("1", "add", { n: 1 }),
          callOf("2", "add", { n: "$1.n" }),
          callOf("3", "add", { n: "$2.m" }),
        ),
      ]);
      const lines = answerLines(answers);
      assert.deepEqual(lines.slice(0, 2), ['1 ok: {"n":2}', '2 ok: {"n":3}']);
      assert.match(String(lines[2]), /^3 error: /);
    },
  );
}

check("a tool that takes a text gets it", async () => {
  const echo = tool((text: string) => `${text}!`, {
    name: "echo",
    description: "Says it.",
    schema: z.string(),
  });
  const answers = await new ParallelToolNode([echo]).invoke([
    ask(callOf("1", "echo", { input: "hey" })),
  ]);
  assert.deepEqual(answerLines(answers), ["1 ok: hey!"]);
});
