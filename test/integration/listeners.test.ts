import { getEventListeners } from "node:events";
import process from "node:process";
import { tool } from "@langchain/core/tools";
import { MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { createAgent, FakeToolCallingModel } from "langchain";
import { ParallelToolNode } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";

const CALLS = 1_000;

/** Calls of which none ends before all have started. */
class Crowd {
  /** Listeners on the run's signal when all calls run. */
  listeners: number | undefined;
  readonly #signal: AbortSignal | undefined;
  #running = 0;
  #open: () => void = () => {};
  readonly #all = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  readonly tool = tool(
    async () => {
      this.#running += 1;
      if (this.#running === CALLS) {
        this.listeners =
          this.#signal && getEventListeners(this.#signal, "abort").length;
        this.#open();
      }
      await this.#all;
      return "done";
    },
    { name: "t", description: "t", schema: z.looseObject({}) },
  );
}

const calls = Array.from({ length: CALLS }, (_, i) => callOf(`c${i}`, "t"));
const model = () =>
  new FakeToolCallingModel({ toolCalls: [calls, []] } as never) as never;
const input = { messages: [{ role: "user", content: "Go." }] };

/** The warnings that Node prints while `run` runs. */
async function warningsOf(run: () => Promise<unknown>): Promise<string[]> {
  const warnings: string[] = [];
  const note = ({ name, message }: Error) =>
    warnings.push(`${name}: ${message}`);
  process.on("warning", note);
  try {
    await run();
    await settle();
  } finally {
    process.off("warning", note);
  }
  return warnings;
}

describe(`${CALLS} calls at once`, () => {
  it("leave one listener on the run's signal while they run, and none after", async () => {
    const { signal } = new AbortController();
    const crowd = new Crowd(signal);
    const node = new ParallelToolNode([crowd.tool]);
    const warnings = await warningsOf(() =>
      node.invoke([ask(...calls)], { signal }),
    );
    expect(warnings).toEqual([]);
    // One is ours, the other that of the Runnable that the node is.
    expect(crowd.listeners).toBeLessThanOrEqual(2);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("with limits in time leave no more listeners", async () => {
    const { signal } = new AbortController();
    const crowd = new Crowd(signal);
    const node = new ParallelToolNode([crowd.tool], {
      defaultPolicy: { timeoutMs: 600_000 },
      batchTimeoutMs: 600_000,
      drainMs: 1_000,
    });
    const warnings = await warningsOf(() =>
      node.invoke([ask(...calls)], { signal }),
    );
    expect(warnings).toEqual([]);
    expect(crowd.listeners).toBeLessThanOrEqual(2);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it.each([
    [
      "a graph",
      () =>
        new StateGraph(MessagesAnnotation)
          .addNode("ask", () => ({ messages: [ask(...calls)] }))
          .addNode("tools", new ParallelToolNode([new Crowd().tool]))
          .addEdge(START, "ask")
          .addEdge("ask", "tools")
          .compile(),
    ],
    [
      "createReactAgent",
      () =>
        createReactAgent({
          llm: model(),
          tools: new ParallelToolNode([new Crowd().tool]),
        }),
    ],
    [
      "createAgent, version v1,",
      () =>
        createAgent({
          model: model(),
          tools: [new Crowd().tool],
          middleware: [parallelToolsMiddleware()],
          version: "v1",
        }),
    ],
  ])("in %s print no warning", async (_, create) => {
    const agent = create() as { invoke(input: unknown): Promise<unknown> };
    let answered = 0;
    const warnings = await warningsOf(async () => {
      const { messages } = (await agent.invoke(input)) as {
        messages: { getType(): string }[];
      };
      answered = messages.filter((one) => one.getType() === "tool").length;
    });
    expect(answered).toBe(CALLS);
    expect(warnings).toEqual([]);
  });
});
