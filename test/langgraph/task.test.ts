import {
  Command,
  getConfig,
  interrupt,
  type LangGraphRunnableConfig,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { asAttempt } from "@/langgraph/as-attempt.js";
import {
  isResumed,
  namespaceOf,
  scratchpadOf,
  taskIdOf,
} from "@/langgraph/task.js";
import { INPUT, thread } from "./support/thread.js";

/** A graph of one node that runs inside a tool or node. */
function nested(act: () => unknown) {
  return new StateGraph(MessagesAnnotation)
    .addNode("inner", async () => {
      await act();
      return {};
    })
    .addEdge(START, "inner")
    .compile();
}

/** Fails when the configurable of a task is not what it was. */
describe("a task of LangGraph", () => {
  it("has an id, which its namespace ends with", async () => {
    const seen: (string | undefined)[][] = [];
    const note = (config: LangGraphRunnableConfig) =>
      seen.push([taskIdOf(config), namespaceOf(config)]);
    await thread(async (config) => {
      note(config);
      const inner = nested(() => note(getConfig()));
      await inner.invoke(INPUT);
    }).run(INPUT);
    const [[outerId, outer] = [], [innerId, inner] = []] = seen;
    expect(outerId).toBeTypeOf("string");
    expect(innerId).not.toBe(outerId);
    expect(outer).toBe(`node:${outerId}`);
    expect(inner).toBe(`${outer}|inner:${innerId}`);
    expect(taskIdOf({})).toBeUndefined();
    expect(namespaceOf({})).toBe("");
  });

  it("knows whether its run has resumed", async () => {
    const seen: boolean[] = [];
    const { run } = thread((config) => {
      seen.push(isResumed(config));
      interrupt("?");
    });
    await run(INPUT);
    await run(new Command({ resume: "yes" }));
    expect(seen).toEqual([false, true]);
  });

  it("counts the graphs that it runs, which sets their namespaces apart", async () => {
    const counts: (number | undefined)[] = [];
    const namespaces: string[] = [];
    const inner = nested(() => namespaces.push(namespaceOf(getConfig())));
    let outer = "";
    await thread(async (config) => {
      outer = namespaceOf(config);
      const scratchpad = scratchpadOf(config);
      for (let graph = 0; graph < 2; graph += 1) {
        counts.push(scratchpad?.subgraphCounter);
        await inner.invoke(INPUT);
      }
      counts.push(scratchpad?.subgraphCounter);
    }).run(INPUT);
    expect(counts).toEqual([0, 1, 2]);
    expect(namespaces[0]?.startsWith(`${outer}|inner:`)).toBe(true);
    expect(namespaces[1]?.startsWith(`${outer}|1|inner:`)).toBe(true);
  });

  it("shares its signal with the other tasks of its step alone", async () => {
    const signals: Record<string, AbortSignal | undefined> = {};
    const note =
      (name: string) => (_: unknown, config: LangGraphRunnableConfig) => {
        signals[name] = config.signal;
        return {};
      };
    await new StateGraph(MessagesAnnotation)
      .addNode("first", note("first"))
      .addNode("second", note("second"))
      .addNode("next", note("next"))
      .addEdge(START, "first")
      .addEdge(START, "second")
      .addEdge(["first", "second"], "next")
      .compile({ checkpointer: new MemorySaver() })
      .invoke(INPUT, { configurable: { thread_id: "t" } });
    expect(signals["first"]).toBeInstanceOf(AbortSignal);
    expect(signals["second"]).toBe(signals["first"]);
    expect(signals["next"]).not.toBe(signals["first"]);
  });
});

/** Fails when LangGraph's own retries don't set the counter back. */
describe("a question that is asked again", () => {
  it("gets the same answer in a retry of LangGraph's", async () => {
    const answers: unknown[] = [];
    const graph = new StateGraph(MessagesAnnotation)
      .addNode(
        "node",
        () => {
          answers.push(interrupt("?"));
          if (answers.length === 1) throw new Error("try again");
          return {};
        },
        {
          retryPolicy: {
            initialInterval: 0,
            jitter: false,
            logWarning: false,
            retryOn: () => true,
          },
        },
      )
      .addEdge(START, "node")
      .compile({ checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: "t" } };
    await graph.invoke(INPUT, config);
    await graph.invoke(new Command({ resume: "yes" }), config);
    expect(answers).toEqual(["yes", "yes"]);
  });

  it("gets the same answer in an attempt of ours", async () => {
    const answers: unknown[] = [];
    const { run } = thread(async (config) => {
      for (let attempt = 0; attempt < 2; attempt += 1) {
        await asAttempt(config, "call", async () => {
          answers.push(interrupt("?"));
        });
      }
    });
    await run(INPUT);
    expect(await run(new Command({ resume: "yes" }))).toEqual([]);
    expect(answers).toEqual(["yes", "yes"]);
  });
});
