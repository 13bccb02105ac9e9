import { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import {
  type FeedbackReader,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  type ToolPolicy,
} from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { finish, playTime } from "../support/attempted-node.js";
import { httpError } from "../support/attempted-tools.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";

playTime();

const warn = silenceWarnings();

const refusal = () => httpError(429, { "Retry-After": "2" });
const quiet = { jitter: false, logWarning: false };
const ORDINARY = "Error: HTTP 429\n Please fix your mistakes.";

/** What a graph throws whose one node throws `error`. */
async function thrownByGraph(error: unknown): Promise<unknown> {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", () => {
      throw error;
    })
    .addEdge(START, "model")
    .compile();
  return graph.invoke({ messages: [] }).then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  );
}

/** Tools `t`, which does `act`, and `u`, in a node or in the node of a graph. */
function setUp(
  act: (attempt: number) => unknown,
  policy: ToolPolicy,
  options: ParallelToolNodeOptions = {},
) {
  const startedAt = performance.now();
  const starts: string[] = [];
  const perform = (name: string, run: (attempt: number) => unknown) => {
    let attempt = 0;
    return tool(
      async () => {
        starts.push(`${name} ${performance.now() - startedAt}`);
        return run((attempt += 1));
      },
      { name, schema: z.looseObject({}) },
    );
  };
  const node = new ParallelToolNode(
    [perform("t", act), perform("u", () => "done")],
    {
      resources: { api: {} },
      policies: { t: { resources: "api", ...policy }, u: { resources: "api" } },
      ...options,
    },
  );
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("tools", node)
    .addEdge(START, "tools")
    .compile();
  const message = (name: string) => [ask(callOf(name, name))];
  const inGraph = async (name: string) => {
    const run = graph.invoke({ messages: message(name) });
    const { messages } = await finish(run);
    return answerLines(messages.slice(1) as ToolMessage[]);
  };
  /** Each call in a task of its own, after one of `u`. */
  const sent = async (name: string) => {
    const toolCalls = [callOf("first", "u"), callOf(name, name)];
    const state = { messages: [ask(...toolCalls)] };
    const sends = toolCalls.map(
      (call) => new Send("tools", { ...state, lg_tool_call: call }),
    );
    const sender = new StateGraph(MessagesAnnotation)
      .addNode("tools", node)
      .addConditionalEdges(START, () => sends, ["tools"])
      .compile();
    const { messages } = await finish(sender.invoke(state));
    return answerLines(messages.slice(1) as ToolMessage[]);
  };
  const alone = async (name: string) =>
    answerLines(await finish(node.invoke(message(name))));
  return { starts, graph, inGraph, sent, alone };
}

/** As the outermost tool sees it; each with a fresh error. */
const NESTED: [string, () => Promise<unknown>][] = [
  [
    "thrown by a graph",
    async () => {
      throw await thrownByGraph(refusal());
    },
  ],
  [
    "the cause of what the tool throws",
    async () => {
      const cause = await thrownByGraph(refusal());
      throw new Error("HTTP 429", { cause });
    },
  ],
  [
    "thrown by a graph in a graph",
    async () => {
      throw await thrownByGraph(await thrownByGraph(refusal()));
    },
  ],
  [
    "marked by a model of LangChain's",
    async () => {
      throw Object.assign(refusal(), { lc_error_code: "MODEL_RATE_LIMIT" });
    },
  ],
];

describe.each(NESTED)("a 429 that is %s", (_, act) => {
  it.each(["inGraph", "sent", "alone"] as const)(
    "is an error like others, and closes nothing (%s)",
    async (where) => {
      const scene = setUp(act, {});
      expect(await scene[where]("t")).toContain(`t error: ${ORDINARY}`);
      await scene.inGraph("u");
      expect(scene.starts.filter((line) => line !== "u 0")).toEqual(["t 0"]);
      expect(warn).not.toHaveBeenCalled();
    },
  );

  it.each<[string, ToolPolicy]>([
    ["readOnly", { readOnly: true }],
    ["idempotent", { idempotent: true }],
    ["retry", { retry: quiet }],
  ])("is retried as other errors are, under %s", async (_mark, policy) => {
    const scene = setUp(act, policy);
    expect(await scene.inGraph("t")).toEqual([`t error: ${ORDINARY}`]);
    expect(scene.starts).toEqual(["t 0", "t 500", "t 1500"]);
  });

  it("is left to retryOn", async () => {
    const retryOn = vi.fn<(error: unknown) => boolean>(() => false);
    const policy = { idempotent: true, retry: { ...quiet, retryOn } };
    const scene = setUp(act, policy);
    await scene.inGraph("t");
    expect(scene.starts).toEqual(["t 0"]);
    expect(retryOn).toHaveBeenCalledOnce();
  });

  it("is heard by the policy's own feedback function", async () => {
    const feedback = vi.fn<FeedbackReader>(() => ({
      limited: true,
      retryAfterMs: 3_000,
    }));
    const scene = setUp((attempt) => (attempt === 1 ? act() : "done"), {
      feedback,
      idempotent: true,
    });
    expect(await scene.inGraph("t")).toEqual(["t ok: done"]);
    expect(scene.starts).toEqual(["t 0", "t 3000"]);
    expect(feedback).toHaveBeenCalledOnce();
  });

  it("says nothing as the artifact of an error answer either", async () => {
    const scene = setUp(
      async () =>
        new ToolMessage({
          status: "error",
          content: "no",
          tool_call_id: "t",
          artifact: await act().catch((error: unknown) => error),
        }),
      { readOnly: true },
    );
    expect(await scene.inGraph("t")).toEqual(["t error: no"]);
    await scene.inGraph("u");
    expect(scene.starts).toEqual(["t 0", "u 0"]);
  });
});

describe("a 429 of the tool's own", () => {
  it("is heard with the mark of the call's own task on it", async () => {
    // One error object, which LangGraph has marked after the first attempt.
    const error = refusal();
    const retryPolicy = { maxAttempts: 2, initialInterval: 0, jitter: false };
    const starts: number[] = [];
    const t = tool(
      () => {
        starts.push(performance.now() - startedAt);
        throw error;
      },
      { name: "t", schema: z.looseObject({}) },
    );
    const node = new ParallelToolNode([t], {
      policies: { t: { retry: false } },
      handleToolErrors: false,
    });
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("tools", node, { retryPolicy })
      .addEdge(START, "tools")
      .compile();
    vi.spyOn(console, "log").mockImplementation(() => {});
    const startedAt = performance.now();
    const run = graph.invoke({ messages: [ask(callOf("t", "t"))] });
    await expect(finish(run)).rejects.toBe(error);
    expect(starts).toEqual([0, 2_000]);
    const again = graph.invoke({ messages: [ask(callOf("t", "t"))] });
    await expect(finish(again)).rejects.toBe(error);
    // Both attempts before it were heard.
    expect(starts.slice(2)).toEqual([4_000, 6_000]);
  });

  it("is heard again in a later run, though LangGraph marked the error in an earlier one", async () => {
    const error = refusal();
    const options = { handleToolErrors: false };
    const act = () => {
      throw error;
    };
    const scene = setUp(act, { retry: false }, options);
    await expect(scene.inGraph("t")).rejects.toBe(error);
    await expect(scene.inGraph("t")).rejects.toBe(error);
    await scene.inGraph("u");
    expect(scene.starts).toEqual(["t 0", "t 2000", "u 4000"]);
  });

  it("is heard where only a cause with another status came out of a graph", async () => {
    const scene = setUp(
      async (attempt) => {
        if (attempt > 1) return "done";
        const cause = await thrownByGraph(httpError(500));
        throw Object.assign(refusal(), { cause });
      },
      { readOnly: true },
    );
    expect(await scene.inGraph("t")).toEqual(["t ok: done"]);
    expect(scene.starts).toEqual(["t 0", "t 2000"]);
  });

  it("is heard where its marks can't be read", async () => {
    const error = Object.defineProperty(refusal(), "pregelTaskId", {
      get: () => {
        throw new Error("trap");
      },
    });
    const scene = setUp(
      (attempt) => {
        if (attempt > 1) return "done";
        throw error;
      },
      { readOnly: true },
    );
    expect(await scene.alone("t")).toEqual(["t ok: done"]);
    expect(scene.starts).toEqual(["t 0", "t 2000"]);
  });

  it.each(["inGraph", "sent", "alone"] as const)(
    "is not what a node in the tool's graph has heard as its own (%s)",
    async (where) => {
      const inner = setUp(
        () => {
          throw refusal();
        },
        { retry: false },
        { handleToolErrors: false },
      );
      // The inner node's tool was refused, and its graph fails for it.
      const scene = setUp(
        () => inner.graph.invoke({ messages: [ask(callOf("t", "t"))] }),
        {},
      );
      expect(await scene[where]("t")).toContain(`t error: ${ORDINARY}`);
      await scene.inGraph("u");
      expect(scene.starts.filter((line) => line !== "u 0")).toEqual(["t 0"]);
    },
  );
});
