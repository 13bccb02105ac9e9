import { Embeddings } from "@langchain/core/embeddings";
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import {
  limitModel,
  ParallelToolNode,
  PolicyFunctionError,
  type Resource,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { ask, callOf } from "../support/messages.js";
import { configurationProblem, thrownBy } from "../support/thrown-by.js";
import { FakeModel, Refusal } from "./support/fake-model.js";
import { nodeWith } from "./support/node-with.js";

let start = 0;
beforeEach(() => {
  vi.useFakeTimers();
  start = Date.now();
});
afterEach(() => {
  vi.useRealTimers();
});

class FakeEmbeddings extends Embeddings {
  readonly batchSize = 2;
  readonly sizes: number[] = [];

  constructor() {
    super({});
  }

  override async embedQuery(_text: string) {
    this.sizes.push(1);
    return [1];
  }

  override async embedDocuments(texts: string[]) {
    this.sizes.push(texts.length);
    return texts.map((text) => [text.length]);
  }
}

describe("limitModel", () => {
  it("admits requests under the cap of a resource", async () => {
    const log: string[] = [];
    const node = nodeWith({ api: { concurrency: 2 } });
    const model = limitModel(new FakeModel(log), node);
    const answers = Promise.all(
      ["a", "b", "c"].map((one) => model.invoke(one)),
    );
    await vi.runAllTimersAsync();
    expect((await answers).map(({ text }) => text)).toEqual([
      "fine",
      "fine",
      "fine",
    ]);
    expect(log).toEqual(["0 a", "0 b", "10 c"]);
  });

  it("admits them under rates in requests and in tokens at once", async () => {
    const log: string[] = [];
    const node = nodeWith({
      api: {
        rateLimit: [
          { limit: 3, intervalMs: 1_000, counts: "calls", jitterMs: 0 },
          { limit: 100, intervalMs: 1_000, jitterMs: 0 },
        ],
      },
    });
    const model = limitModel(new FakeModel(log), node);
    // 10 tokens, then 40 each.
    const sent = [
      "x".repeat(40),
      "y".repeat(160),
      "z".repeat(160),
      "w".repeat(160),
    ];
    const answers = Promise.all(sent.map((one) => model.invoke(one)));
    await vi.runAllTimersAsync();
    await answers;
    expect(log.map((line) => line.slice(0, line.indexOf(" ") + 2))).toEqual([
      "0 x",
      "0 y",
      "0 z",
      "1000 w",
    ]);
  });

  it("shares a resource with the tools of the node", async () => {
    const log: string[] = [];
    const api: Resource = { concurrency: 1 };
    const search = tool(
      async () => {
        log.push(`${Date.now() - start} search`);
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
        return "found";
      },
      { name: "search", description: "s", schema: z.object({}) },
    );
    const node = new ParallelToolNode([search], {
      resources: { api },
      policies: { search: { resources: "api" } },
    });
    const model = limitModel(new FakeModel(log), node);
    const runs = [node.invoke([ask(callOf("1", "search"))]), model.invoke("a")];
    await vi.runAllTimersAsync();
    await Promise.all(runs);
    expect(log).toEqual(["0 search", "20 a"]);
  });

  it("gives a request inside of a call the slot of that call", async () => {
    const log: string[] = [];
    const resources = { api: { concurrency: 1 } };
    const owner = nodeWith(resources);
    const model = limitModel(new FakeModel(log), owner);
    const agent = tool(async () => (await model.invoke("inside")).text, {
      name: "agent",
      description: "a",
      schema: z.object({}),
    });
    const node = new ParallelToolNode([agent], {
      resources,
      policies: { agent: { resources: "api" } },
    });
    const run = node.invoke([ask(callOf("1", "agent"), callOf("2", "agent"))]);
    await vi.runAllTimersAsync();
    await run;
    expect(log).toEqual(["0 inside", "10 inside"]);
  });

  it("asks again when the server says so, and closes the resource meanwhile", async () => {
    const log: string[] = [];
    const node = nodeWith({ api: { concurrency: 5 } });
    const model = limitModel(new FakeModel(log, 10, [new Refusal(2)]), node);
    const other = limitModel(new FakeModel(log), node);
    const first = model.invoke("a");
    await vi.advanceTimersByTimeAsync(50);
    const second = other.invoke("b");
    await vi.runAllTimersAsync();
    expect((await first).text).toBe("fine");
    await second;
    expect(log).toEqual(["0 a", "2010 a", "2010 b"]);
  });

  it.each([
    ["ten attempts", Array.from({ length: 12 }, () => new Refusal(1)), 10],
    ["a pause beyond `maxPauseMs`", [new Refusal(90)], 1],
  ])("throws the very error after %s", async (_, script, times) => {
    const log: string[] = [];
    const errors = [...script];
    const model = limitModel(
      new FakeModel(log, 10, [...script]),
      nodeWith({ api: { concurrency: 5 } }),
    );
    const thrown = thrownBy(model.invoke("a"));
    await vi.runAllTimersAsync();
    expect(await thrown).toBe(errors[times - 1]);
    expect(log).toHaveLength(times);
  });

  it("streams, one request at a time", async () => {
    const log: string[] = [];
    const node = nodeWith({ api: { concurrency: 1 } });
    const model = limitModel(new FakeModel(log, 10, [new Refusal(1)]), node);
    const texts: string[] = [];
    const read = async (what: string) => {
      for await (const chunk of await model.stream(what)) {
        texts.push(`${what} ${chunk.text}`);
      }
    };
    const both = Promise.all([read("a"), read("b")]);
    await vi.runAllTimersAsync();
    await both;
    expect(log).toEqual(["0 a", "1010 a", "1020 b"]);
    expect(texts).toEqual(["a one ", "a two", "b one ", "b two"]);
  });

  it("doesn't ask again when a piece of the answer has been handed out", async () => {
    const log: string[] = [];
    const node = nodeWith({ api: { concurrency: 1 } });
    const model = limitModel(new FakeModel(log, 10, ["breaks"]), node);
    const texts: string[] = [];
    const thrown = thrownBy(
      (async () => {
        for await (const chunk of await model.stream("a"))
          texts.push(chunk.text);
      })(),
    );
    await vi.runAllTimersAsync();
    expect(await thrown).toBeInstanceOf(Refusal);
    expect(texts).toEqual(["one "]);
    expect(log).toEqual(["0 a"]);
    // Its slot has been given back.
    const next = model.invoke("b");
    await vi.runAllTimersAsync();
    expect((await next).text).toBe("fine");
  });

  it("gives the slot back when nobody reads on", async () => {
    const node = nodeWith({ api: { concurrency: 1 } });
    const model = limitModel(new FakeModel(), node);
    const read = (async () => {
      for await (const chunk of await model.stream("a")) return chunk.text;
      return "";
    })();
    const next = model.invoke("b");
    await vi.runAllTimersAsync();
    expect(await read).toBe("one ");
    expect((await next).text).toBe("fine");
  });

  it("counts what a request costs, as it is told", async () => {
    const seen: unknown[] = [];
    const log: string[] = [];
    const fake = new FakeModel(log);
    fake.maxTokens = 50;
    const rateLimit = { limit: 100, intervalMs: 1_000, jitterMs: 0 };
    const model = limitModel(fake, nodeWith({ api: { rateLimit } }), {
      resources: "api",
      cost: ({ messages, maxTokens, model: name }) => {
        seen.push([messages.map(({ text }) => text), maxTokens, name]);
        return 100;
      },
    });
    const both = Promise.all([model.invoke("a"), model.invoke("b")]);
    await vi.runAllTimersAsync();
    await both;
    expect(log).toEqual(["0 a", "1000 b"]);
    expect(seen[0]).toEqual([["a"], 50, undefined]);
  });

  it("says so where a request costs more than there can ever be", async () => {
    const fake = new FakeModel();
    fake.maxTokens = 500;
    const rateLimit = { limit: 100, intervalMs: 1_000 };
    const model = limitModel(fake, nodeWith({ api: { rateLimit } }));
    const error = await thrownBy(model.invoke("abcd"));
    expect(PolicyFunctionError.isInstance(error)).toBe(true);
    expect(String((error as Error).cause)).toMatch(
      "Expected `cost` to be at most 100, got `501` (number)",
    );
  });

  it("ends a request that waits when its run is aborted", async () => {
    const log: string[] = [];
    const node = nodeWith({ api: { concurrency: 1 } });
    const model = limitModel(new FakeModel(log), node);
    const run = new AbortController();
    const first = model.invoke("a");
    const second = thrownBy(model.invoke("b", { signal: run.signal }));
    await vi.advanceTimersByTimeAsync(5);
    run.abort(new Error("enough"));
    await vi.runAllTimersAsync();
    await first;
    expect(String(await second)).toMatch(/enough|abort/i);
    expect(log).toEqual(["0 a"]);
  });

  it("limits embeddings, one request for each batch of texts", async () => {
    const fake = new FakeEmbeddings();
    const rateLimit = { limit: 2, intervalMs: 1_000, counts: "calls" as const };
    const model = limitModel(fake, nodeWith({ api: { rateLimit } }));
    const vectors = model.embedDocuments(["a", "bb", "ccc", "dddd", "e"]);
    await vi.advanceTimersByTimeAsync(500);
    expect(fake.sizes).toEqual([2, 2]);
    await vi.runAllTimersAsync();
    expect(await vectors).toEqual([[1], [2], [3], [4], [1]]);
    expect(fake.sizes).toEqual([2, 2, 1]);
    const one = model.embedQuery("f");
    await vi.runAllTimersAsync();
    expect(await one).toEqual([1]);
  });

  it("limits all that comes of a model: bound, configured, in batches, in an agent", async () => {
    const log: string[] = [];
    const node = nodeWith({ api: { concurrency: 1 } });
    const model = limitModel(new FakeModel(log), node);
    const runs = [
      model.bindTools([]).invoke("bound"),
      model.withConfig({ tags: ["x"] }).invoke("configured"),
      model.batch(["one", "two"]),
      createReactAgent({ llm: model, tools: [] }).invoke({
        messages: [new HumanMessage("agent")],
      }),
    ];
    await vi.runAllTimersAsync();
    await Promise.all(runs);
    const times = log.map((line) => Number(line.split(" ")[0]));
    expect(times).toEqual([0, 10, 20, 30, 40]);
  });

  it("limits nothing twice", async () => {
    const log: string[] = [];
    const node = nodeWith({ api: { concurrency: 1 } });
    const model = limitModel(new FakeModel(log), node);
    expect(limitModel(model, node)).toBe(model);
    const answer = model.invoke("a");
    await vi.runAllTimersAsync();
    expect((await answer).text).toBe("fine");
  });

  it("is the same model for all who look at it", () => {
    const fake = new FakeModel();
    const model = limitModel(fake, nodeWith({ api: { concurrency: 1 } }));
    expect(model).toBeInstanceOf(FakeModel);
    expect(model._llmType()).toBe("fake");
    expect(model.describe()).toBe("answers in 10 ms");
    expect(model.getName()).toBe(fake.getName());
  });

  it("takes the resources of a middleware", async () => {
    const log: string[] = [];
    const middleware = parallelToolsMiddleware({
      resources: { api: { concurrency: 1 }, other: {} },
    });
    const model = limitModel(new FakeModel(log), middleware, {
      resources: "api",
    });
    const both = Promise.all([model.invoke("a"), model.invoke("b")]);
    await vi.runAllTimersAsync();
    await both;
    expect(log).toEqual(["0 a", "10 b"]);
  });

  const two = () => nodeWith({ a: {}, b: {} });
  it.each<[string, () => unknown, string]>([
    [
      "another owner",
      () => limitModel(new FakeModel(), {}),
      "`owner` to be a ParallelToolNode or a parallelToolsMiddleware, got",
    ],
    [
      "another thing",
      () => limitModel({}, nodeWith({ a: {} })),
      "`model` to be a chat model or embeddings, got",
    ],
    [
      "no resource",
      () => limitModel(new FakeModel(), nodeWith({})),
      "`limits.resources` to be a declared resource, and there is none yet",
    ],
    [
      "several",
      () => limitModel(new FakeModel(), two()),
      "`limits.resources` to be names of declared resources (`a`, `b`): it may be left out where there is one",
    ],
    [
      "an unknown one",
      () => limitModel(new FakeModel(), two(), { resources: "c" }),
      "`limits.resources` to be names of declared resources (`a`, `b`), got `c` (string)",
    ],
    [
      "a wrong cost",
      () => limitModel(new FakeModel(), nodeWith({ a: {} }), { cost: 0 }),
      "`limits.cost` to be",
    ],
    [
      "a wrong field",
      () =>
        limitModel(new FakeModel(), nodeWith({ a: {} }), {
          tokens: 1,
        } as never),
      "`limits` to be an object with no fields but `resources`, `cost`, `used`, got `tokens` (string)",
    ],
  ])("refuses %s", (_, make, problem) => {
    expect(configurationProblem(make as () => object)).toContain(problem);
  });
});
