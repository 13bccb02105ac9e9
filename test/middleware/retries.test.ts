import { toolRetryMiddleware } from "langchain";
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
  },
);
