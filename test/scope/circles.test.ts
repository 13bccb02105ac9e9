import { tool } from "@langchain/core/tools";
import { MemorySaver } from "@langchain/langgraph";
import { createMiddleware, ToolMessage } from "langchain";
import { read, write } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  ScriptedAgent,
  type Version,
  VERSIONS,
} from "../middleware/support/scripted-agent.js";
import { callOf } from "../support/messages.js";
import { turns } from "./support/nested-agents.js";

const schema = z.object({ needs: z.array(z.string()) });

/** Answers the call of an agent's tool before the agent's own middleware sees it. */
const cache = createMiddleware({
  name: "cache",
  wrapToolCall: (request, handler) =>
    request.toolCall.name === "cached"
      ? new ToolMessage({
          content: "known",
          tool_call_id: request.toolCall.id!,
        })
      : handler(request),
});

interface Circle {
  readonly version: Version;
  readonly durable?: boolean;
  /** Slots that can be lent, or keys that can't. */
  readonly by: "slots" | "keys";
  /** What the second subagent asks for beside what closes the circle. */
  readonly beside: "free" | "cached";
}

/**
 * An agent with two subagents. One has `a`, and a call of it needs `b`; the other has
 * `b`, and a call of it needs `a`.
 */
async function run({ version, durable = false, by, beside }: Circle) {
  const resources = { a: { concurrency: 1 }, b: { concurrency: 1 } };
  const policy =
    by === "slots"
      ? { resources: ({ needs }: z.infer<typeof schema>) => needs }
      : {
          access: ({ needs }: z.infer<typeof schema>) => [
            ...needs.map(write),
            read("other"),
          ],
        };
  const options = {
    resources,
    policies: { leaf: policy, task: policy },
    durable,
  };
  const leafOf = (name: string) =>
    tool(
      async () => {
        await turns();
        return "done";
      },
      { name, description: name, schema },
    );
  const subagents = {
    a: [callOf("a1", "leaf", { needs: ["b"] })],
    b: [
      callOf("b0", beside === "cached" ? "cached" : "leaf", { needs: [] }),
      callOf("b1", "leaf", { needs: ["a"] }),
    ],
  };
  const task = tool(
    async ({ needs }) => {
      const calls = subagents[needs[0] as "a" | "b"];
      const agent = new ScriptedAgent(
        [leafOf("leaf"), leafOf("cached")],
        [calls],
        { version, options, before: beside === "cached" ? [cache] : [] },
      );
      return (await agent.run()).answers.join(", ");
    },
    { name: "task", description: "Asks a subagent.", schema },
  );
  const lead = new ScriptedAgent(
    [task],
    [
      [
        callOf("A", "task", { needs: ["a"] }),
        callOf("B", "task", { needs: ["b"] }),
      ],
    ],
    { version, options, checkpointer: new MemorySaver() },
  );
  return (await lead.run()).answers;
}

describe.each(VERSIONS)("createAgent %s: subagents in a circle", (version) => {
  test.each<Omit<Circle, "version">>([
    { by: "slots", beside: "free" },
    { by: "slots", beside: "free", durable: true },
    { by: "slots", beside: "cached" },
    { by: "slots", beside: "cached", durable: true },
  ])("are lent slots: %j", async (circle) => {
    const [a, b] = await run({ version, ...circle });
    expect(a).toBe("A ok: a1 ok: done");
    expect(b).toMatch(/^B ok: b0 ok: (?:done|known), b1 ok: done$/);
  });

  test.each<Omit<Circle, "version">>([
    { by: "keys", beside: "free" },
    { by: "keys", beside: "free", durable: true },
    { by: "keys", beside: "cached" },
    { by: "keys", beside: "cached", durable: true },
  ])("are told of keys: %j", async (circle) => {
    const answers = (await run({ version, ...circle })).join("\n");
    expect(answers.match(/error: Not run:/g)).toHaveLength(1);
    expect(answers).toMatch(/(?:a1|b1) ok: done/);
  });
});
