import { tool } from "@langchain/core/tools";
import type { BatchReport, ToolPolicy } from "parallel-tools-node";
import { ParallelToolNode } from "parallel-tools-node";
import { callableTools } from "parallel-tools-node/code";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { silenceWarnings } from "../support/silence-warnings.js";
import { configurationProblem, thrownBy } from "../support/thrown-by.js";

const warn = silenceWarnings();

const look = tool(async ({ text }) => ({ found: text }), {
  name: "look",
  description: "Looks.",
  schema: z.object({ text: z.string() }),
});

function middleware(policies: Record<string, ToolPolicy> = {}) {
  return parallelToolsMiddleware({ policies });
}

describe("callableTools", () => {
  test.each<[string, unknown, unknown, string]>([
    ["what is no list", look, middleware(), "Expected `tools` to be an array"],
    [
      "what is no tool",
      [{ name: "look" }],
      middleware(),
      "Expected `tools[0]` to be a tool, with a name and an `invoke`",
    ],
    [
      "a name twice",
      [look, look],
      middleware(),
      "Expected `tools[1].name` to be a name that no other of the tools has",
    ],
    [
      "no limits",
      [look],
      {},
      "Expected `limits` to be a `ParallelToolNode`, or what `parallelToolsMiddleware` has returned",
    ],
  ])("refuses %s", (_, tools, limits, problem) => {
    const make = () => callableTools(tools as never, limits as never);
    expect(configurationProblem(make)).toContain(problem);
  });

  test("gives tools that look the same and give the same", async () => {
    const [callable] = callableTools(
      [look],
      middleware({ look: { readOnly: true } }),
    );
    const { name, description, schema } = look;
    expect(callable).toMatchObject({ name, description });
    expect(callable!.schema).toBe(schema);
    expect(callable).toBeInstanceOf(look.constructor);
    expect(await callable!.invoke({ text: "a" })).toEqual({ found: "a" });
    const call = { type: "tool_call", id: "1", name, args: { text: "a" } };
    const [ours, own] = await Promise.all([
      callable!.invoke(call as never),
      look.invoke(call as never),
    ]);
    expect(ours).toMatchObject({ content: '{"found":"a"}', tool_call_id: "1" });
    expect(JSON.stringify(ours)).toBe(JSON.stringify(own));
    const wrong = await thrownBy(callable!.invoke({ text: 1 } as never));
    const same = await thrownBy(look.invoke({ text: 1 } as never));
    expect(String(wrong)).toBe(String(same));
  });

  test("admits also what no call is around", async () => {
    const reports: BatchReport[] = [];
    const node = new ParallelToolNode([look], {
      policies: { look: { readOnly: true } },
      onReport: (report) => void reports.push(report),
    });
    const [callable] = callableTools([look], node);
    await Promise.all([
      callable!.invoke({ text: "a" }),
      callable!.batch([{ text: "b" }, { text: "c" }]),
    ]);
    expect(reports.map(({ kind, inside }) => [kind, inside])).toEqual([
      ["code", undefined],
      ["code", undefined],
      ["code", undefined],
    ]);
  });

  test("says on the console which tools code may not call", () => {
    callableTools([look], middleware());
    callableTools([look], middleware({ look: { callers: ["code"] } }));
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([
      expect.stringContaining(
        "`look` is given to `callableTools`, and its policy doesn't let code call it",
      ),
    ]);
  });
});

describe("callers", () => {
  test.each([[[]], [["human"]], ["code"]])("can't be %j", (callers) => {
    const make = () => middleware({ look: { callers: callers as never } });
    expect(configurationProblem(make)).toContain(
      'Expected `policies.look.callers` to be an array of `"model"`, `"code"` or both',
    );
  });

  test("can't have code call what a human approves", async () => {
    const options = { needsApproval: ["look"] };
    const named = { look: { callers: ["code"] as const } };
    expect(
      configurationProblem(() =>
        parallelToolsMiddleware({ ...options, policies: named }),
      ),
    ).toContain(
      'Expected `policies.look.callers` to be `["model"]`, since `needsApproval` names the tool',
    );
    const limits = parallelToolsMiddleware({
      ...options,
      defaultPolicy: { readOnly: true, callers: ["model", "code"] },
    });
    const [callable] = callableTools([look], limits);
    expect(String(await thrownBy(callable!.invoke({ text: "a" })))).toContain(
      "can't be called from code",
    );
  });
});
