import { tool } from "@langchain/core/tools";
import {
  getConfig,
  type LangGraphRunnableConfig,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { comesFromInside } from "@/langgraph/nested-errors.js";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { httpError } from "../support/attempted-tools.js";
import { ask, callOf } from "../support/messages.js";

/** Fails when LangGraph's or LangChain's marks are not what they were. */
describe("the marks on an error", () => {
  /** What `act` throws in a tool, the config there, and what the graph throws. */
  async function fail(act: () => unknown) {
    let thrown: unknown;
    let config: LangGraphRunnableConfig | undefined;
    const t = tool(
      async () => {
        config = getConfig();
        try {
          await act();
        } catch (error) {
          thrown = error;
          const isOfRun = comesFromInside(error, [config]);
          throw Object.assign(error as Error, { isOfRun });
        }
      },
      { name: "t", schema: z.object({}) },
    );
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("tools", new ToolNode([t], { handleToolErrors: false }))
      .addEdge(START, "tools")
      .compile();
    const run = graph.invoke({ messages: [ask(callOf("1", "t"))] });
    const out = await run.catch((error: unknown) => error);
    expect(out).toBe(thrown);
    return { thrown: thrown as Error, config: config!.configurable! };
  }

  it("are no other than the id of the task that it has left", async () => {
    const { thrown, config } = await fail(() => {
      throw httpError(429);
    });
    expect(thrown).toMatchObject({
      pregelTaskId: config["__pregel_task_id"],
      isOfRun: false,
    });
    expect(config["checkpoint_ns"]).toBe(`tools:${config["__pregel_task_id"]}`);
  });

  it("are those of a graph that the tool has run, in a namespace of its own", async () => {
    let inner: LangGraphRunnableConfig["configurable"];
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("model", (_, { configurable }) => {
        inner = configurable;
        throw httpError(429);
      })
      .addEdge(START, "model")
      .compile();
    let marked: unknown;
    const { thrown, config } = await fail(async () => {
      await graph.invoke({ messages: [] }).catch((error: unknown) => {
        ({ pregelTaskId: marked } = error as { pregelTaskId?: unknown });
        throw error;
      });
    });
    expect(marked).toBe(inner?.["__pregel_task_id"]);
    expect(thrown).toMatchObject({ isOfRun: true });
    expect(inner?.["checkpoint_ns"]).toBe(
      `${config["checkpoint_ns"]}|model:${String(marked)}`,
    );
  });

  it("count for nothing where they are those of a task that the call is in", () => {
    const task = (id: string) => ({ configurable: { __pregel_task_id: id } });
    const marked = (id: string) =>
      Object.assign(httpError(429), { pregelTaskId: id });
    const tasks = [task("of the node"), task("of the call")];
    expect(comesFromInside(marked("of the node"), tasks)).toBe(false);
    expect(comesFromInside(marked("of the call"), tasks)).toBe(false);
    expect(comesFromInside(marked("of another"), tasks)).toBe(true);
    expect(comesFromInside(marked("of another"), [{}])).toBe(true);
  });

  const refusing = {
    apiKey: "none",
    maxRetries: 0,
    configuration: {
      fetch: async () => new Response("{}", { status: 429 }),
    },
  };
  it.each<[string, () => Promise<unknown>]>([
    ["chat model", () => new ChatOpenAI(refusing).invoke("Hello")],
    [
      "chat model that streams",
      async () => {
        const stream = await new ChatOpenAI(refusing).stream("Hello");
        return stream.next();
      },
    ],
    [
      "model of embeddings",
      () => new OpenAIEmbeddings(refusing).embedQuery("Hello"),
    ],
  ])("are LangChain's, of a %s that its server refuses", async (_, act) => {
    const { thrown } = await fail(act);
    expect(thrown).toMatchObject({
      status: 429,
      lc_error_code: "MODEL_RATE_LIMIT",
      isOfRun: true,
    });
  });
});
