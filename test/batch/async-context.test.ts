import { AsyncLocalStorage } from "node:async_hooks";
import {
  getConfig,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import pLimit from "p-limit";
import { afterEach, describe, expect, it, vi } from "vitest";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

/** Who the code of a call takes itself to run for. */
function startTwo(options: ParallelToolNodeOptions) {
  const store = new AsyncLocalStorage<string>();
  const seen: string[] = [];
  const stage = new Stage((id) => {
    const thread: unknown = getConfig()?.configurable?.["tenant"];
    seen.push(`${id}: ${store.getStore()}, ${String(thread)}`);
  });
  const tools = stage.tools("t");
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("tools", new ParallelToolNode(tools, options))
    .addEdge(START, "tools")
    .compile();
  const runs = ["one", "two"].map((tenant) =>
    store.run(tenant, () =>
      graph.invoke(
        {
          messages: [
            ask(callOf(`${tenant} a`, "t"), callOf(`${tenant} b`, "t")),
          ],
        },
        { configurable: { tenant } },
      ),
    ),
  );
  return { stage, seen, ended: Promise.all(runs) };
}

const EACH_ITS_OWN = [
  "one a: one, one",
  "one b: one, one",
  "two a: two, two",
  "two b: two, two",
];

describe("a tool finds the context of its own run", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each<[string, () => ParallelToolNodeOptions]>([
    ["nothing at all", () => ({})],
    ["the node's cap", () => ({ maxConcurrency: 1 })],
    ["its tool's cap", () => ({ policies: { t: { concurrency: 1 } } })],
    [
      "an application's p-limit",
      () => ({ policies: { t: { concurrency: pLimit(1) } } }),
    ],
    [
      "a resource",
      () => ({
        resources: { db: { concurrency: 1 } },
        defaultPolicy: { resources: "db" },
      }),
    ],
    ["calls of its own batch", () => ({ sequential: true })],
  ])("when it waited for %s", async (_, options) => {
    const { stage, seen, ended } = startTwo(options());
    for (const id of ["one a", "one b", "two a", "two b"]) {
      await stage.finish(id);
    }
    await ended;
    expect(seen.toSorted()).toEqual(EACH_ITS_OWN);
  });

  it("when it waited for a rate limit", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const rateLimit = { limit: 1, intervalMs: 1 };
    const { stage, seen, ended } = startTwo({ policies: { t: { rateLimit } } });
    for (const id of ["one a", "one b", "two a", "two b"]) {
      await stage.finish(id);
    }
    while (seen.length < EACH_ITS_OWN.length) {
      vi.advanceTimersByTime(1);
      await settle();
    }
    await ended;
    expect(seen.toSorted()).toEqual(EACH_ITS_OWN);
  });
});
