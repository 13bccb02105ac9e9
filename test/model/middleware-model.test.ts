import {
  createAgent,
  createMiddleware,
  modelFallbackMiddleware,
  modelRetryMiddleware,
  toolStrategy,
} from "langchain";
import { limitModel, type Resource } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { configurationProblem } from "../support/thrown-by.js";
import { FakeModel, Refusal } from "./support/fake-model.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const one = { concurrency: 1 } satisfies Resource;

function middlewareWith(api: Resource) {
  return parallelToolsMiddleware({
    resources: { api },
    model: { resources: "api" },
  });
}

type Middleware = NonNullable<
  Parameters<typeof createAgent>[0]["middleware"]
>[number];

/** An agent that answers without tools. */
function agentOf(
  model: FakeModel,
  middleware: readonly Middleware[],
  version: "v1" | "v2",
  more: object = {},
) {
  const agent: unknown = createAgent({
    model,
    tools: [],
    middleware: [...middleware],
    version,
    ...more,
  } as never);
  const { invoke } = agent as { invoke: (input: unknown) => Promise<unknown> };
  return (content: string) =>
    invoke.call(agent, { messages: [{ role: "user", content }] });
}

describe.each(["v1", "v2"] as const)("createAgent %s", (version) => {
  it("has requests to its model admitted, over all runs", async () => {
    const log: string[] = [];
    const model = new FakeModel(log);
    const run = agentOf(model, [middlewareWith({ ...one })], version);
    const runs = ["a", "b", "c"].map((text) => run(text));
    await vi.runAllTimersAsync();
    await Promise.all(runs);
    expect(log).toEqual(["0 a", "10 b", "20 c"]);
  });

  it("shares the resource with another agent", async () => {
    const log: string[] = [];
    const api = { ...one };
    const runs = ["a", "b"].map((text) =>
      agentOf(new FakeModel(log), [middlewareWith(api)], version)(text),
    );
    await vi.runAllTimersAsync();
    await Promise.all(runs);
    expect(log).toEqual(["0 a", "10 b"]);
  });

  it("asks again after a refusal, and hands the very error on as a cause", async () => {
    const log: string[] = [];
    const error = new Refusal(90);
    const model = new FakeModel(log, 10, [new Refusal(1), error]);
    const run = agentOf(model, [middlewareWith({ ...one })], version);
    const thrown = run("a").then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    await vi.runAllTimersAsync();
    expect((await thrown)?.cause).toBe(error);
    expect(log).toEqual(["0 a", "1010 a"]);
  });

  it("counts each request of a middleware behind it", async () => {
    const log: string[] = [];
    const errors = [new Error("one"), new Error("two")].map((error) =>
      Object.assign(error, { status: 400 }),
    );
    const api = {
      rateLimit: { limit: 2, intervalMs: 1_000, jitterMs: 0 },
      concurrency: 1,
    };
    const model = new FakeModel(log, 10, errors);
    const retry = modelRetryMiddleware({
      maxRetries: 2,
      initialDelayMs: 0,
      jitter: false,
    }) as never;
    const middleware = parallelToolsMiddleware({
      resources: { api },
      model: { resources: "api", cost: 1 },
    });
    const run = agentOf(model, [middleware, retry], version);
    const answer = run("a");
    await vi.runAllTimersAsync();
    await answer;
    expect(log).toEqual(["0 a", "10 a", "1000 a"]);
  });

  it("limits a fallback that was given with the middleware", async () => {
    const log: string[] = [];
    const middleware = middlewareWith({ ...one });
    const broken = Object.assign(new Error("no"), { status: 400 });
    const fallback = limitModel(new FakeModel(log), middleware);
    const run = agentOf(
      new FakeModel(log, 10, [broken, broken]),
      [middleware, modelFallbackMiddleware(fallback)],
      version,
    );
    const runs = [run("a"), run("b")];
    await vi.runAllTimersAsync();
    await Promise.all(runs);
    const times = log.map((line) => Number(line.split(" ")[0]));
    expect(times).toEqual([0, 10, 20, 30]);
  });

  it("does not limit twice what is limited", async () => {
    const log: string[] = [];
    const middleware = middlewareWith({ ...one });
    const model = limitModel(new FakeModel(log), middleware);
    const run = agentOf(model, [middleware], version);
    const answer = run("a");
    await vi.runAllTimersAsync();
    await answer;
    expect(log).toEqual(["0 a"]);
  });

  it("limits requests for structured output", async () => {
    const log: string[] = [];
    const shape = z.object({ city: z.string() });
    const runs = ["a", "b"].map(() => undefined);
    const middleware = middlewareWith({ ...one });
    const run = agentOf(new FakeModel(log), [middleware], version, {
      responseFormat: toolStrategy(shape),
    });
    const all = Promise.allSettled(runs.map(() => run("x")));
    await vi.advanceTimersByTimeAsync(15);
    expect(log).toEqual(["0 x", "10 x"]);
    await vi.advanceTimersByTimeAsync(60_000);
    await all;
  });

  it("leaves a model alone without `model`", async () => {
    const log: string[] = [];
    const model = new FakeModel(log);
    const seen: unknown[] = [];
    const watching = createMiddleware({
      name: "watching",
      wrapModelCall: (request, handler) => {
        seen.push(request.model);
        return handler(request);
      },
    });
    const middleware = parallelToolsMiddleware({ resources: { api: {} } });
    const run = agentOf(model, [middleware, watching], version);
    const answer = run("a");
    await vi.runAllTimersAsync();
    await answer;
    expect(seen).toEqual([model]);
    expect(seen[0]).toBe(model);
  });
});

it("refuses a `model` that isn't right", () => {
  const refuse = (model: unknown) =>
    configurationProblem(() =>
      parallelToolsMiddleware({ resources: { api: {} }, model } as never),
    );
  expect(refuse({ resources: "openai" })).toBe(
    "Expected `model.resources` to be names of declared resources (`api`), got `openai` (string)",
  );
  expect(refuse("api")).toMatch("Expected `model` to be");
  expect(refuse({ cost: -1 })).toMatch("Expected `model.cost` to be");
});
