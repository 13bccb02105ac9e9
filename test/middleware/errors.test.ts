import { toolRetryMiddleware } from "langchain";
import { isToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { waitedForFailed } from "@/answers/not-run.js";
import { callOf } from "../support/messages.js";
import { Notes } from "./support/notes.js";
import { ScriptedAgent, VERSIONS } from "./support/scripted-agent.js";
import { createMiddleware } from "langchain";

class Gone extends Error {
  override readonly name = "Gone";
}

function thrower(what: unknown) {
  return new Notes().tool("t", () => {
    throw what;
  });
}

const strict = tool(() => "fine", {
  name: "t",
  description: "Wants a number.",
  schema: z.object({ n: z.number() }),
});

describe.each(VERSIONS)("createAgent %s", (version) => {
  test.each([
    ["an error", () => thrower(new TypeError("no"))],
    ["an error with a name of its own", () => thrower(new Gone("away"))],
    ["a string", () => thrower("just text")],
    ["an object", () => thrower({ message: "like an error" })],
    ["what the schema refuses", () => strict],
    ["nothing", () => thrower(undefined)],
  ])("tells the model of %s as it does without us", async (_, make) => {
    const calls = [callOf("1", "t", { n: "one" }), callOf("2", "nowhere")];
    const make2 = (options: "none" | object) =>
      new ScriptedAgent([make() as never], [calls], { version, options });
    const ours = await make2({}).run();
    const plain = await make2("none").run();
    // The stack in it has the line that called.
    const shown = (answers: readonly string[]) =>
      answers.map((answer) => answer.replaceAll(/\n\s+at .*/g, ""));
    expect(shown(ours.answers)).toEqual(shown(plain.answers));
    expect(ours.answers).toHaveLength(2);
  });

  test("gives the failure of a call without an id no id, as it has none without us", async () => {
    const idsOf = async (options: "none" | object) => {
      const calls = [callOf(undefined, "t")];
      const tools = [thrower(new Gone("away"))];
      const agent = new ScriptedAgent(tools, [calls], { version, options });
      const { messages } = await agent.run();
      const answers = messages.filter((message) => isToolMessage(message));
      return answers.map(({ tool_call_id }) => tool_call_id);
    };
    expect(await idsOf({})).toEqual([undefined]);
    expect(await idsOf("none")).toEqual([undefined]);
  });

  test("throws on with `handleToolErrors: false`", async () => {
    const calls = [callOf("1", "t")];
    const agent = new ScriptedAgent([thrower(new Gone("away"))], [calls], {
      version,
      options: { handleToolErrors: false },
    });
    await expect(agent.run()).rejects.toThrow(Gone);
  });

  test("leaves a fault of another middleware fatal", async () => {
    const faulty = createMiddleware({
      name: "faulty",
      wrapToolCall: () => {
        throw new Gone("the middleware broke");
      },
    });
    const notes = new Notes();
    const agent = new ScriptedAgent(notes.tools("t"), [[callOf("1", "t")]], {
      version,
      after: [faulty],
    });
    await expect(agent.run()).rejects.toThrow("the middleware broke");
    expect(notes.log).toEqual([]);
  });

  test("skips whoever waits for a call that failed", async () => {
    const notes = new Notes();
    const calls = [callOf("1", "t"), callOf("2", "next")];
    const agent = new ScriptedAgent(
      [thrower(new Error("no")), notes.tool("next")],
      [calls],
      { version, options: { policies: { next: { after: ["t"] } } } },
    );
    const { answers } = await agent.run();
    expect(answers).toEqual([
      "1 error: Error: no\n Please fix your mistakes.",
      `2 error: ${waitedForFailed({ ordinal: 1, name: "t" })}`,
    ]);
    expect(notes.log).toEqual([]);
  });

  test("runs a call that failed again as its policy says", async () => {
    let attempts = 0;
    const flaky = new Notes().tool("t", () => {
      attempts += 1;
      if (attempts < 3) throw new Error("not yet");
      return "at last";
    });
    const retry = { initialInterval: 0, jitter: false, logWarning: false };
    const agent = new ScriptedAgent([flaky], [[callOf("1", "t")]], {
      version,
      options: { policies: { t: { retry } } },
    });
    expect((await agent.run()).answers).toEqual(["1 ok: at last"]);
  });

  test("never runs a call again whose arguments the schema refused", async () => {
    const run = vi.fn<() => unknown>(() => "fine");
    const picky = tool(run, {
      name: "t",
      description: "Wants a number.",
      schema: z.object({ n: z.number() }),
    });
    const reports: { attempts: number }[] = [];
    const agent = new ScriptedAgent(
      [picky as never],
      [[callOf("1", "t", { n: "one" })]],
      {
        version,
        options: {
          policies: { t: { retry: { initialInterval: 0, jitter: false } } },
          onReport: ({ calls }) => reports.push(...calls),
        },
      },
    );
    await agent.run();
    expect(run).not.toHaveBeenCalled();
    expect(reports).toMatchObject([{ attempts: 1, outcome: "error" }]);
  });

  describe.each(["before", "after"] as const)(
    "with toolRetryMiddleware %s ours",
    (place) => {
      test("runs a call again that failed, and tells of it if it goes on failing", async () => {
        let attempts = 0;
        const flaky = new Notes().tool("flaky", () => {
          attempts += 1;
          if (attempts < 3) throw new Error("not yet");
          return "at last";
        });
        const calls = [callOf("1", "flaky"), callOf("2", "t")];
        const again = toolRetryMiddleware({
          maxRetries: 2,
          initialDelayMs: 0,
          jitter: false,
        });
        const agent = new ScriptedAgent(
          [flaky, thrower(new Error("never"))],
          [calls],
          { version, [place]: [again] },
        );
        const { answers } = await agent.run();
        expect(answers[0]).toBe("1 ok: at last");
        expect(answers[1]).toMatch(
          /^2 error: Tool 't' failed after 3 attempts/,
        );
      });
    },
  );

  test("shows a middleware around it what the tool threw, and ends the run with it", async () => {
    const seen: unknown[] = [];
    const watcher = createMiddleware({
      name: "watcher",
      wrapToolCall: async (request, handler) => {
        try {
          return await handler(request);
        } catch (error) {
          seen.push(error);
          throw error;
        }
      },
    });
    const gone = new Gone("away");
    const agent = new ScriptedAgent([thrower(gone)], [[callOf("1", "t")]], {
      version,
      before: [watcher],
    });
    await expect(agent.run()).rejects.toBe(gone);
    expect(seen).toEqual([gone]);
  });
});
