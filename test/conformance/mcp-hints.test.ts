import type { BaseMessage } from "@langchain/core/messages";
import type { ParallelToolNodeOptions } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import {
  AGENT_HOSTS,
  type AgentHost,
  GO,
  hostAgent,
  readRun,
} from "../support/agent-hosts.js";
import { finish, playTime } from "../support/attempted-node.js";
import { AttemptedTools } from "../support/attempted-tools.js";
import { LoggedModel } from "../support/logged-model.js";
import { callOf } from "../support/messages.js";

playTime();

const HINTS = [
  { readOnlyHint: true },
  { idempotentHint: true },
  { readOnlyHint: true, idempotentHint: true },
];
const POLICIES = {
  "no policy": {},
  "a policy of another tool": { policies: { other: { readOnly: true } } },
  "a policy of its own": { policies: { t: {} } },
  "a default policy": { defaultPolicy: {} },
} satisfies Record<string, ParallelToolNodeOptions>;

/**
 * Two equal calls of a tool that always fails, and one of another tool: how often
 * each was started, and what the model was told.
 */
async function run(
  host: AgentHost,
  annotations: object,
  options: ParallelToolNodeOptions | "stock",
) {
  const stage = new AttemptedTools({
    a: [{ throws: new Error("broken") }],
    b: [{ throws: new Error("broken") }],
  });
  const tools = [stage.tool("t", { annotations }), stage.tool("other")];
  const turn = [callOf("a", "t"), callOf("b", "t"), callOf("c", "other")];
  const model = new LoggedModel("main", [turn], []);
  const agent = hostAgent(host, model, tools, options);
  const { messages } = await finish<{ messages: BaseMessage[] }>(
    agent.invoke(GO),
  );
  const starts = { a: 0, b: 0, c: 0 };
  for (const start of stage.starts) starts[start[0] as "a"] += 1;
  return { ...starts, ...readRun(messages) };
}

describe.each(AGENT_HOSTS)("in %s,", (host) => {
  describe.each(HINTS)("the hints %j", (hints) => {
    test.each(["no policy", "a policy of another tool"] as const)(
      "change nothing with %s",
      async (given) => {
        const ours = await run(host, hints, POLICIES[given]);
        expect(ours).toEqual(await run(host, hints, "stock"));
        expect(ours).toMatchObject({ a: 1, b: 1, c: 1 });
      },
    );

    test.each(["a policy of its own", "a default policy"] as const)(
      "are defaults with %s",
      async (given) => {
        const { a, b, c } = await run(host, hints, POLICIES[given]);
        expect({ a, b, c }).toEqual({
          a: 3,
          b: "readOnlyHint" in hints ? 0 : 3,
          c: 1,
        });
      },
    );
  });

  test("hints lose against what a policy says", async () => {
    const policy = { readOnly: false, idempotent: false };
    for (const options of [
      { policies: { t: policy } },
      { defaultPolicy: policy },
    ]) {
      const hints = { readOnlyHint: true, idempotentHint: true };
      expect(await run(host, hints, options)).toMatchObject({ a: 1, b: 1 });
    }
  });
});
