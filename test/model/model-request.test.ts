import {
  AIMessage,
  HumanMessage,
  type MessageContent,
} from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { limitModel, ParallelToolNode } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { estimateTokens, type ModelRequest } from "@/model/model-request.js";
import { configurationProblem, thrownBy } from "../support/thrown-by.js";
import { FakeModel, Refusal } from "./support/fake-model.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the tokens of a request", () => {
  const request = (rest: Partial<ModelRequest>): ModelRequest => ({
    model: undefined,
    messages: [],
    texts: [],
    maxTokens: undefined,
    ...rest,
  });
  const said = (content: MessageContent) => [new HumanMessage({ content })];
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;

  it.each<[string, Partial<ModelRequest>, number]>([
    ["nothing counts one", {}, 1],
    ["a text counts a quarter", { messages: said("x".repeat(41)) }, 11],
    [
      "the text of blocks counts",
      { messages: said([{ type: "text", text: "12345" }]) },
      2,
    ],
    [
      "blocks of another form count as they are sent",
      { messages: said([{ type: "tool_use", input: { a: 1 } }]) },
      9, // {"type":"tool_use","input":{"a":1}}
    ],
    [
      "images count nothing",
      {
        messages: said([
          { type: "text", text: "12345" },
          { type: "image_url", image_url: { url: "x".repeat(400) } },
        ]),
      },
      2,
    ],
    [
      "calls of tools count",
      {
        messages: [
          new AIMessage({
            content: "",
            tool_calls: [{ name: "find", args: { a: 1 }, id: "1" }],
          }),
        ],
      },
      3, // find{"a":1}
    ],
    [
      "what can't be sent counts nothing",
      {
        messages: [
          new AIMessage({
            content: "1234",
            tool_calls: [{ name: "", args: circle, id: "1" }],
          }),
        ],
      },
      1,
    ],
    ["texts count", { texts: ["1234", "5678"] }, 2],
    ["what may come back counts", { maxTokens: 300 }, 300],
  ])("%s", (_, rest, tokens) => {
    expect(estimateTokens(request(rest))).toBe(tokens);
  });
});

describe("limitModel", () => {
  it("finds the most tokens in the options of a request and in the model", async () => {
    const seen: unknown[] = [];
    const model = new ChatOpenAI({
      model: "gpt-5.4",
      apiKey: "key",
      useResponsesApi: false,
      maxTokens: 70,
      configuration: {
        fetch: async () =>
          Response.json({
            choices: [
              {
                index: 0,
                message: { role: "assistant", content: "hi" },
                finish_reason: "stop",
              },
            ],
          }),
      },
    });
    const node = new ParallelToolNode([], { resources: { openai: {} } });
    const limited = limitModel(model, node, {
      resources: ({ model: name }) => (name === "gpt-5.4" ? "openai" : []),
      cost: ({ maxTokens, model: name }) => {
        seen.push([maxTokens, name]);
        return 1;
      },
    });
    const all = Promise.all([
      limited.invoke("a"),
      limited.invoke("b", { maxTokens: 5 } as never),
    ]);
    await vi.runAllTimersAsync();
    await all;
    expect(seen).toEqual([
      [70, "gpt-5.4"],
      [5, "gpt-5.4"],
    ]);
  });

  it("takes a model with bound tools", async () => {
    const log: string[] = [];
    const search = tool(() => "x", {
      name: "t",
      description: "t",
      schema: z.object({}),
    });
    const node = new ParallelToolNode([search], {
      resources: { bound: { concurrency: 1 } },
    });
    const bound = new FakeModel(log).withConfig({ tags: ["x"] });
    const limited = limitModel(bound, node);
    const both = Promise.all([limited.invoke("a"), limited.invoke("b")]);
    await vi.runAllTimersAsync();
    await both;
    expect(log).toEqual(["0 a", "10 b"]);
  });

  it("throws that a circuit is open, and asks nobody", async () => {
    const log: string[] = [];
    const errors = Array.from({ length: 8 }, () =>
      Object.assign(new Error("down"), { status: 500 }),
    );
    const node = new ParallelToolNode([], {
      resources: {
        fragile: {
          concurrency: 1,
          circuit: { failures: 2, resetMs: 60_000 },
        },
      },
    });
    const limited = limitModel(new FakeModel(log, 10, errors), node);
    const thrown: string[] = [];
    for (const text of ["a", "b"]) {
      const run = limited.invoke(text).catch((error: unknown) => {
        thrown.push((error as Error).name);
      });
      await vi.advanceTimersByTimeAsync(30_000);
      await run;
    }
    expect(thrown.at(-1)).toBe("CircuitOpenError");
  });

  it("refuses no resource at all", () => {
    const node = new ParallelToolNode([], { resources: { a: {}, b: {} } });
    expect(
      configurationProblem(() =>
        limitModel(new FakeModel(), node, { resources: [] }),
      ),
    ).toContain(
      "Expected `limits.resources` to be names of declared resources",
    );
  });

  it("sends again what a server failed at, three times in all", async () => {
    const log: string[] = [];
    const node = new ParallelToolNode([], { resources: { c: {} } });
    const faults = [502, 500, 503, 500].map((status) =>
      Object.assign(new Error("it broke"), { status }),
    );
    const model = limitModel(new FakeModel(log, 10, faults.slice(0, 2)), node);
    const answer = model.invoke("a");
    await vi.runAllTimersAsync();
    expect((await answer).text).toBe("fine");
    expect(log).toHaveLength(3);
  });

  it.each([
    ["could not be read", new SyntaxError("Unexpected token"), 1],
    ["was wrong", Object.assign(new Error("no"), { status: 422 }), 1],
    [
      "did not come",
      Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
      3,
    ],
    [
      "did not come, as fetch says it",
      new TypeError("fetch failed", { cause: { code: "UND_ERR_SOCKET" } }),
      3,
    ],
  ])("what %s is sent so often", async (_, error, times) => {
    const log: string[] = [];
    const node = new ParallelToolNode([], { resources: { c: {} } });
    const script = [error, error, error, error];
    const model = limitModel(new FakeModel(log, 10, script), node);
    const thrown = thrownBy(model.invoke("a"));
    await vi.runAllTimersAsync();
    expect(await thrown).toBe(error);
    expect(log).toHaveLength(times);
  });

  it("learns how many requests a server takes, whatever they cost", async () => {
    const starts = async (maxTokens: number) => {
      const log: string[] = [];
      const node = new ParallelToolNode([], { resources: { c: {} } });
      const fake = new FakeModel(log, 10, [new Refusal(1)]);
      fake.maxTokens = maxTokens;
      const model = limitModel(fake, node);
      for (let at = 0; at < 5; at += 1) {
        const answer = model.invoke("a");
        await vi.runAllTimersAsync();
        await answer;
      }
      return log;
    };
    expect(await starts(2_000)).toEqual(await starts(1));
  });

  it("says what to do where a request costs more than a limit can give", async () => {
    const rateLimit = { limit: 100, intervalMs: 1_000 };
    const node = new ParallelToolNode([], { resources: { c: { rateLimit } } });
    const model = limitModel(new FakeModel(), node);
    const thrown = thrownBy(model.invoke("x".repeat(2_000)));
    await vi.runAllTimersAsync();
    expect(String(await thrown)).toBe(
      "PolicyFunctionError: `limits.cost` asked for 500 tokens, more than the rate limit of resource c gives at once (100), so the call was not run. By default a request costs the characters of its messages over four, plus `max_tokens`: send less, lower `max_tokens`, or declare a limit that is as high as the provider's.",
    );
  });

  it.each(["openai:gpt-5.4", undefined, 5])("refuses the model %j", (model) => {
    const node = new ParallelToolNode([], { resources: { c: {} } });
    expect(
      configurationProblem(() => limitModel(model as never, node)),
    ).toContain("Expected `model` to be a chat model or embeddings");
  });

  it("says that a resource is to be declared where there is none", () => {
    expect(
      configurationProblem(() =>
        limitModel(new FakeModel(), new ParallelToolNode([])),
      ),
    ).toContain("there is none yet: declare it in `resources`");
  });

  it("throws what a stream was refused with", async () => {
    const log: string[] = [];
    const node = new ParallelToolNode([], { resources: { c: {} } });
    const model = limitModel(new FakeModel(log, 10, [new Refusal(90)]), node);
    const thrown = (async () => {
      for await (const chunk of await model.stream("a")) void chunk;
    })().catch((error: unknown) => error);
    await vi.runAllTimersAsync();
    expect(await thrown).toBeInstanceOf(Refusal);
  });
});

it("a middleware says so where it can't limit the model of an agent", async () => {
  const warnings: string[] = [];
  vi.spyOn(console, "warn").mockImplementation((text: string) => {
    warnings.push(text);
  });
  const agent = createAgent({
    model: new FakeModel(),
    tools: [],
    middleware: [
      {
        name: "other",
        wrapModelCall: (request: object, handler: (r: never) => unknown) =>
          handler({ ...request, model: { invoke: () => {} } } as never),
      } as never,
      parallelToolsMiddleware({ resources: { d: {} }, model: {} }),
    ],
  });
  const run = agent
    .invoke({ messages: [{ role: "user", content: "x" }] } as never)
    .catch(() => {});
  await vi.runAllTimersAsync();
  await run;
  expect(warnings.join()).toContain("so `model` doesn't limit it");
});
