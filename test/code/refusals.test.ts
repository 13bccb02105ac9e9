import { tool } from "@langchain/core/tools";
import { Command, interrupt } from "@langchain/langgraph";
import type { ToolPolicy } from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { timedTool } from "../eager/support/timed-tools.js";
import { useFakeTimers } from "../eager/support/use-fake-timers.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import {
  CODE_HOSTS,
  type Code,
  CodeAgent,
  problemOf,
} from "./support/code-agent.js";
import { play, READ_ONLY, playedIn } from "./support/play-code.js";

useFakeTimers();
silenceWarnings();

describe.each(CODE_HOSTS)("code in %s", (host) => {
  const played = playedIn(host);

  test.each<[string, ToolPolicy, RegExp]>([
    ["no policy", {}, /may change something or need approval/],
    ["callers", { readOnly: true, callers: ["model"] }, /need approval/],
    [
      "after",
      { readOnly: true, after: ["look"] },
      /come after those of `look`/,
    ],
    ["replan", { readOnly: true, sequential: "replan" }, /may change what is/],
  ])("is told to let the model call a tool: %s", async (_, save, why) => {
    const { answers, log, agent } = await played(
      ({ save: call }) => problemOf(call!("a")),
      { look: READ_ONLY, save },
    );
    expect(answers[0]).toContain("Not run: `save` can't be called from code");
    expect(answers[0]).toMatch(why);
    expect(answers[0]).toContain("Call `save` directly, as a tool of its own");
    expect(log).toEqual([]);
    expect(agent.reportIn("run0").calls).toMatchObject([
      { name: "save", outcome: "refused", attempts: 0 },
    ]);
  });

  test("the model is told to call a tool of code from code", async () => {
    const { answers, log } = await played(
      () => "done",
      { save: { callers: ["code"] } },
      { beside: [["save", "x"]] },
    );
    expect(answers[1]).toContain("`save` can be called from code alone");
    expect(log).toEqual([]);
  });

  test.each([["asks"], ["catches"]])(
    "a question to a human is a refusal, and takes no answer of another: %s",
    async (how) => {
      const answers: unknown[] = [];
      const asks = timedTool(
        "look",
        () => {},
        10,
        () => {
          try {
            answers.push(interrupt("May I?"));
          } catch (error) {
            if (how === "asks") throw error;
            return "went on";
          }
          return undefined;
        },
      );
      const approved = tool(async () => `said ${interrupt("Well?")}`, {
        name: "approved",
        description: "Asks.",
        schema: z.object({ text: z.string() }),
      });
      const agent = new CodeAgent({
        host,
        codes: [({ look }) => problemOf(look!("a"))],
        beside: [["approved", "x"]],
        tools: [asks, approved],
        callable: [asks],
        options: { policies: { look: READ_ONLY } },
      });
      await play(agent.answers());
      const [first, second] = await play(
        agent.answers(new Command({ resume: "yes" })),
      );
      expect(answers).toEqual([]);
      expect(first).toMatch(
        how === "asks"
          ? /stopped to ask a human.* Call `look` directly/s
          : /run0: "none"/,
      );
      expect(second).toBe("beside x: said yes");
    },
  );

  test("a change of the state is dropped, and said to be", async () => {
    const changes = timedTool(
      "look",
      () => {},
      10,
      () => new Command({ update: {} }),
    );
    const { answers } = await played(
      ({ look }) => problemOf(look!("a")),
      { look: READ_ONLY },
      { tools: [changes] },
    );
    expect(answers[0]).toContain("gave a change of the agent's state");
  });

  test("counts `maxCalls` for each code alone", async () => {
    const code: Code = ({ look }) =>
      Promise.all(["a", "b", "c"].map((text) => problemOf(look!(text))));
    const { answers } = await played([code, code], undefined, {
      options: { maxCalls: 2 },
    });
    for (const answer of answers) {
      expect(answer.match(/"none"/g)).toHaveLength(2);
      expect(answer).toContain(
        "at most 2 tool calls are run for a piece of code, and this was number 3",
      );
    }
  });

  test("is as deep as a call inside of its call", async () => {
    const { answers } = await played(
      ({ look }) => problemOf(look!("a")),
      undefined,
      { options: { maxDepth: 1 } },
    );
    expect(answers[0]).toContain("this one would be number 2");
  });
});
