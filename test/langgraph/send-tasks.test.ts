import { ToolMessage } from "@langchain/core/messages";
import {
  Annotation,
  Command,
  interrupt,
  type LangGraphRunnableConfig,
  MemorySaver,
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { openCheckpoints, pendingWrites } from "@/langgraph/pending-writes.js";
import {
  type EndedSend,
  endedSends,
  sendNumberOf,
} from "@/langgraph/send-tasks.js";

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  other: Annotation<string>,
});

type Act = (config: LangGraphRunnableConfig) => unknown;

/** A graph that sends each of `acts` to one node. The last one asks. */
function graphOf(acts: Readonly<Record<string, Act>>) {
  const names = Object.keys(acts);
  const act = (input: { name: string }, config: LangGraphRunnableConfig) =>
    acts[input.name]?.(config);
  const graph = new StateGraph(State)
    .addNode("act", act as never)
    .addConditionalEdges(START, () =>
      names.map((name) => new Send("act", { name })),
    )
    .compile({ checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: "t" } };
  return {
    start: () =>
      graph.invoke({ messages: [] }, { ...config, durability: "sync" }),
    resume: () => graph.invoke(new Command({ resume: "yes" }), config),
  };
}

/** Fails when LangGraph names the tasks of Sends in another way. */
describe("the Sends of a step that have ended", () => {
  const message = new ToolMessage({ content: "found", tool_call_id: "a" });
  let ended: EndedSend[] = [];
  let number: number | undefined;
  const ask: Act = async (config) => {
    number = sendNumberOf(config);
    ended = await endedSends(config, 9);
    interrupt("?");
    return {};
  };

  it("are found by their numbers, also without a message", async () => {
    const graph = graphOf({
      "with a message": () => ({ messages: [message] }),
      asks: ask,
      "with a Command": () => new Command({ update: { other: "set" } }),
      "with nothing": () => ({}),
    });
    await graph.start();
    await graph.resume();
    expect(number).toBe(1);
    expect(ended.map((send) => send.number)).toEqual([0, 2, 3]);
    expect(ended.map(({ messages }) => messages.length)).toEqual([1, 0, 0]);
    expect(ended[0]?.messages[0]?.content).toBe("found");
  });

  it("are only those that have a result", async () => {
    const graph = graphOf({
      fails: () => {
        throw new Error("no");
      },
      "asks, too": () => interrupt("also?"),
      asks: ask,
    });
    await graph.start().catch(() => {});
    await graph.resume().catch(() => {});
    expect(ended).toEqual([]);
  });

  it("are known by their messages where the ids can't be computed", async () => {
    const graph = graphOf({
      "with a message": () => ({ messages: [message] }),
      asks: (config) => {
        const metadata = { ...config.metadata, langgraph_step: 77 };
        return ask({ ...config, metadata });
      },
    });
    await graph.start();
    await graph.resume();
    expect(ended).toHaveLength(1);
    expect(ended[0]?.number).toBeUndefined();
    expect(ended[0]?.messages[0]?.tool_call_id).toBe("a");
  });
});

/** Fails when LangGraph keeps what tasks write elsewhere. */
it("what a task of a step has written is kept until the step ends", async () => {
  let values: unknown[] = [];
  const graph = graphOf({
    writes: () => ({ other: "written" }),
    asks: async (config) => {
      values = (await pendingWrites(config)).map(([, , value]) => value);
      expect(openCheckpoints(config)).toHaveLength(1);
      interrupt("?");
      return {};
    },
  });
  await graph.start();
  await graph.resume();
  expect(values).toContain("written");
});
