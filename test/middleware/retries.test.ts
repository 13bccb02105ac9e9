import { createMiddleware, toolRetryMiddleware } from "langchain";
import type { ToolPolicy } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { callOf } from "../support/messages.js";
import { Notes } from "./support/notes.js";
import { ScriptedAgent, VERSIONS } from "./support/scripted-agent.js";

const OURS: ToolPolicy = {
  retry: { initialInterval: 0, jitter: false, logWarning: false },
};
const NOT_OURS: ToolPolicy = { readOnly: true, retry: false };

// What the README says of both together: each makes three attempts.
describe.each(VERSIONS)(
  "createAgent %s with toolRetryMiddleware",
  (version) => {
    test.each<["before" | "after", "continue" | "error", ToolPolicy, number]>([
      ["after", "continue", {}, 3],
      ["after", "continue", OURS, 3],
      ["after", "continue", NOT_OURS, 3],
      ["after", "error", {}, 3],
      ["after", "error", OURS, 9],
      ["after", "error", NOT_OURS, 3],
      ["before", "continue", {}, 3],
      ["before", "continue", OURS, 9],
      ["before", "continue", NOT_OURS, 3],
    ])(
      "%s ours, onFailure %j and the policy %j runs a broken tool %d times",
      async (place, onFailure, policy, expected) => {
        let runs = 0;
        const broken = new Notes().tool("t", () => {
          runs += 1;
          throw new Error("broken");
        });
        const again = toolRetryMiddleware({
          maxRetries: 2,
          initialDelayMs: 0,
          jitter: false,
          onFailure,
        });
        const agent = new ScriptedAgent([broken], [[callOf("1", "t")]], {
          version,
          [place]: [again],
          options: { policies: { t: policy } },
        });
        const ended = await agent.run().then(
          ({ answers }) => answers.map((answer) => answer.slice(0, 8)),
          (error: Error) => `threw ${error.message}`,
        );
        expect(ended).toEqual(
          onFailure === "error" ? "threw broken" : ["1 error:"],
        );
        expect(runs).toBe(expected);
      },
    );

    test.each([undefined, "call_0"])(
      "a call that runs again is not taken for one that is still to come (ids: %s)",
      async (id) => {
        const notes = new Notes();
        let breaks = 1;
        const flaky = notes.tool("flaky", () => {
          if (breaks-- > 0) throw new Error("broken");
          return "ok";
        });
        const again = toolRetryMiddleware({
          maxRetries: 1,
          initialDelayMs: 0,
          jitter: false,
        });
        let onFlakyEnd = () => {};
        const flakyHasEnded = new Promise<void>((resolve) => {
          onFlakyEnd = resolve;
        });
        const late = createMiddleware({
          name: "late",
          async wrapToolCall(request, handler) {
            const { name } = request.toolCall;
            if (name === "read") await flakyHasEnded;
            const answer = await handler(request);
            if (name === "flaky") onFlakyEnd();
            return answer;
          },
        });
        const calls = ["read", "write", "flaky"].map((name) =>
          callOf(id, name),
        );
        const agent = new ScriptedAgent(
          [...notes.tools("read", "write"), flaky],
          [calls],
          {
            version,
            before: [late, again as never],
            options: {
              policies: {
                read: { access: [{ key: "k", mode: "read" }] },
                write: { access: [{ key: "k", mode: "write" }] },
              },
              arrivalTimeoutMs: 1e9,
            },
          },
        );
        await agent.run();
        expect(notes.log.slice(-4)).toEqual([
          "read",
          "read end",
          "write",
          "write end",
        ]);
      },
    );
  },
);
