import { tool } from "@langchain/core/tools";
import { MemorySaver } from "@langchain/langgraph";
import {
  createMiddleware,
  toolErrorMiddleware,
  toolRetryMiddleware,
} from "langchain";
import {
  type ParallelToolsMiddlewareOptions,
  parallelToolsMiddleware,
  ToolCallFailedError,
} from "parallel-tools-node/middleware";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { callOf } from "../support/messages.js";
import { Notes } from "./support/notes.js";
import {
  type AgentSetup,
  ScriptedAgent,
  VERSIONS,
} from "./support/scripted-agent.js";

class Gone extends Error {
  override readonly name = "Gone";
  readonly status = 410;
}

const TOLD = "1 error: Gone: away\n Please fix your mistakes.";
const CALL = [callOf("1", "t")];

const passing = (name = "passing") =>
  createMiddleware({
    name,
    wrapToolCall: (request, handler) => handler(request),
  });

/** Each of them, alone in an agent, ends the run with what a tool throws. */
const FATAL = [
  ["a middleware that passes calls on", passing],
  [
    "a middleware that passes calls on later",
    () =>
      createMiddleware({
        name: "later",
        wrapToolCall: async (request, handler) => {
          await Promise.resolve();
          return handler(request);
        },
      }),
  ],
  [
    'toolRetryMiddleware({ onFailure: "error" })',
    () =>
      toolRetryMiddleware({
        maxRetries: 1,
        initialDelayMs: 0,
        jitter: false,
        onFailure: "error",
      }),
  ],
  [
    "a toolErrorMiddleware that handles nothing",
    () => toolErrorMiddleware({ onError: () => undefined }),
  ],
] as const;

type Place = (other: (name?: string) => unknown) => AgentSetup;

const alone: Place = (other) =>
  ({ options: "none", before: [other()] }) as AgentSetup;
const behind: Place = (other) => ({ after: [other()] }) as AgentSetup;
const inFront: Place = (other) => ({ before: [other()] }) as AgentSetup;
const bothSides: Place = (other) =>
  ({ before: [other()], after: [passing("last")] }) as AgentSetup;

const PLACES = [
  ["without ours", alone],
  ["behind ours", behind],
  ["in front of ours", inFront],
  ["in front of ours, another behind it", bothSides],
] as const;
const BESIDE_OURS = PLACES.slice(1);

function throwing(error: unknown) {
  return new Notes().tool("t", () => {
    throw error;
  });
}

describe.each(VERSIONS)("createAgent %s", (version) => {
  const run = (setup: AgentSetup, ...tools: unknown[]) =>
    new ScriptedAgent(tools as never, [CALL], { version, ...setup }).run();

  describe.each(FATAL)("with %s", (_, make) => {
    test.each(PLACES)(
      "%s ends the run with the very error of the tool",
      async (__, place) => {
        const gone = new Gone("away");
        await expect(run(place(make), throwing(gone))).rejects.toBe(gone);
      },
    );

    test.each(BESIDE_OURS)(
      "%s, and `handleToolErrors: true`, tells the model",
      async (__, place) => {
        const options = { handleToolErrors: true };
        const setup = { ...place(make), options };
        const { answers } = await run(setup, throwing(new Gone("away")));
        expect(answers).toEqual([TOLD]);
      },
    );

    test.each(BESIDE_OURS)(
      "%s, and `handleToolErrors: false`, ends the run with the very error of the tool",
      async (__, place) => {
        const gone = new Gone("away");
        const options = { handleToolErrors: false };
        const setup = { ...place(make), options };
        await expect(run(setup, throwing(gone))).rejects.toBe(gone);
      },
    );

    test.each(PLACES)(
      "%s leaves it to the model that a schema refused the arguments",
      async (__, place) => {
        const strict = tool(() => "fine", {
          name: "t",
          description: "Wants a number.",
          schema: z.object({ n: z.number() }),
        });
        const { answers } = await run(place(make), strict);
        expect(answers).toEqual([
          expect.stringMatching(/^1 error: Error invoking tool 't'/),
        ]);
      },
    );
  });

  test.each<[string, ParallelToolsMiddlewareOptions]>([
    ["no options", {}],
    ["`handleToolErrors: undefined`", { handleToolErrors: undefined }],
    ["`handleToolErrors: true`", { handleToolErrors: true }],
    ["a policy", { policies: { t: { concurrency: 1 } } }],
  ])("with ours alone and %s tells the model", async (_, options) => {
    const { answers } = await run({ options }, throwing(new Gone("away")));
    expect(answers).toEqual([TOLD]);
  });

  test("with middleware that wraps no tool calls beside ours tells the model", async () => {
    const other = createMiddleware({
      name: "other",
      beforeModel: () => undefined,
      wrapModelCall: (request, handler) => handler(request),
    });
    const setup = { before: [other] };
    const { answers } = await run(setup, throwing(new Gone("away")));
    expect(answers).toEqual([TOLD]);
  });

  test("with one instance of ours in two agents does in each as it does alone", async () => {
    const ours = parallelToolsMiddleware();
    const gone = new Gone("away");
    const setup: AgentSetup = { options: "none", before: [ours] };
    const outcomes = [];
    for (const after of [[], [passing()], []]) {
      const { answers } = await run({ ...setup, after }, throwing(gone)).catch(
        (error: unknown) => ({ answers: error }),
      );
      outcomes.push(answers);
    }
    expect(outcomes).toEqual([[TOLD], gone, [TOLD]]);
  });

  test("with a middleware that calls ours itself tells the model, by an error with the tool's as its cause", async () => {
    const gone = new Gone("away");
    const seen: unknown[] = [];
    const ours = parallelToolsMiddleware();
    const calling = createMiddleware({
      name: "calling",
      wrapToolCall: async (request, handler) => {
        try {
          return await ours.wrapToolCall!(request, handler);
        } catch (error) {
          seen.push(error);
          throw error;
        }
      },
    });
    const setup: AgentSetup = { options: "none", before: [calling] };
    const { answers } = await run(setup, throwing(gone));
    expect(answers).toEqual([TOLD]);
    expect(ToolCallFailedError.isInstance(seen[0])).toBe(true);
    expect(seen).toMatchObject([
      { toolName: "t", toolCallId: "1", cause: gone },
    ]);
  });

  test("shows a middleware in front of ours the very error of the tool, which it may handle", async () => {
    const gone = new Gone("away");
    const handling = toolErrorMiddleware({
      onError: (error: unknown) => (error === gone ? "handled" : "other"),
    });
    const { answers } = await run({ before: [handling] }, throwing(gone));
    const alone = await run(
      { options: "none", before: [handling] },
      throwing(gone),
    );
    expect(answers).toEqual(alone.answers);
    expect(answers[0]).toMatch(/handled/);
  });

  test("runs a call that failed again as its policy says before the run ends", async () => {
    const retry = { initialInterval: 0, jitter: false, logWarning: false };
    let runs = 0;
    const flaky = new Notes().tool("t", () => {
      runs += 1;
      throw new Gone(`away ${runs}`);
    });
    const setup = {
      after: [passing()],
      options: { policies: { t: { retry } } },
    };
    await expect(run(setup, flaky)).rejects.toThrow("away 3");
  });

  test("starts nothing that waits for the call that ends the run", async () => {
    const notes = new Notes();
    const calls = [callOf("1", "t"), callOf("2", "next")];
    const agent = new ScriptedAgent(
      [throwing(new Gone("away")), notes.tool("next")],
      [calls],
      {
        version,
        after: [passing()],
        options: { policies: { next: { after: ["t"] } } },
      },
    );
    await expect(agent.run()).rejects.toThrow(Gone);
    expect(notes.log).toEqual([]);
  });

  test("hands an error that middleware behind ours has made on as without ours", async () => {
    const faulty = createMiddleware({
      name: "faulty",
      wrapToolCall: () => {
        throw new Gone("the middleware broke");
      },
    });
    const thrown = (setup: AgentSetup) =>
      run(setup, new Notes().tool("t")).catch((error: unknown) => error);
    const ours = await thrown({ after: [faulty] });
    const plain = await thrown({ options: "none", after: [faulty] });
    expect(ours).toBeInstanceOf(Error);
    expect((ours as Error).constructor).toBe((plain as Error).constructor);
    expect(ours).toMatchObject({
      message: "the middleware broke",
      cause: { status: 410 },
    });
  });
});

describe("createAgent v1 with `durable`", () => {
  const agentOf = (
    setup: AgentSetup,
    tools: ConstructorParameters<typeof ScriptedAgent>[0],
  ) =>
    new ScriptedAgent(tools, [[callOf("1", "t"), callOf("2", "other")]], {
      version: "v1",
      options: { durable: true },
      checkpointer: new MemorySaver(),
      ...setup,
    });

  /** Fails as often as said. */
  function failing(notes: Notes, times: number) {
    let runs = 0;
    return notes.tool("t", () => {
      runs += 1;
      if (runs <= times) throw new Gone("away");
      return "back";
    });
  }

  test("keeps what ended beside a call that ends the run, and runs that one again", async () => {
    const notes = new Notes();
    const agent = agentOf({ after: [passing()] }, [
      failing(notes, 1),
      notes.tool("other"),
    ]);
    await expect(agent.run()).rejects.toThrow(Gone);
    expect((await agent.goOn()).answers).toEqual([
      "1 ok: back",
      "2 ok: other done",
    ]);
    expect(notes.log).toEqual(["t", "other", "other end", "t", "t end"]);
  });

  test("lets middleware in front of ours run a call again", async () => {
    const notes = new Notes();
    const again = toolRetryMiddleware({
      maxRetries: 2,
      initialDelayMs: 0,
      jitter: false,
    });
    const agent = agentOf({ before: [again as never] }, [
      failing(notes, 2),
      notes.tool("other"),
    ]);
    expect((await agent.run()).answers).toEqual([
      "1 ok: back",
      "2 ok: other done",
    ]);
  });

  test("ends with the error, and no other, where middleware in front of ours hands it on", async () => {
    const notes = new Notes();
    const agent = agentOf({ before: [passing()] }, [
      failing(notes, 1),
      notes.tool("other"),
    ]);
    await expect(agent.run()).rejects.toBeInstanceOf(Gone);
  });
});
