import assert from "node:assert/strict";
import {
  AIMessage,
  isToolMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { tool, type ToolRuntime } from "@langchain/core/tools";
import {
  Command,
  END,
  getCurrentTaskInput,
  isCommand,
  MessagesAnnotation,
  ParentCommand,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode as StockToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode, toolsCondition } from "parallel-tools-node";
import { z } from "zod";
import { Notes } from "../../middleware/support/notes.js";
import { settle } from "../../support/fake-clock.js";
import { answerLines, ask, callOf } from "../../support/messages.js";
import { Stage } from "../../support/stage.js";
import { check } from "./check.js";

const schema = z.object({});
const described = (name: string) => ({ name, description: name, schema });

check(
  "the node answers in the order of the message, whichever call ends first",
  async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"));
    const calls = ["a", "b", "c"].map((id) => callOf(id, "t"));
    const run = node.invoke({ messages: [ask(...calls)] });
    await settle();
    for (const id of ["c", "a", "b"]) await stage.finish(id);
    const { messages } = await run;
    assert.deepEqual(stage.log, [
      "a start",
      "b start",
      "c start",
      "c end",
      "a end",
      "b end",
    ]);
    assert.deepEqual(answerLines(messages), [
      "a ok: a result",
      "b ok: b result",
      "c ok: c result",
    ]);
  },
);

check(
  "the node answers errors, unknown tools and refused arguments as the stock node does",
  async () => {
    const tools = [
      tool(() => {
        throw new TypeError("no");
      }, described("broken")),
      tool(({ n }) => n, {
        ...described("number"),
        schema: z.object({ n: z.number() }),
      }),
      tool(() => ["text", { rows: 3 }], {
        ...described("artifact"),
        responseFormat: "content_and_artifact",
      }),
    ];
    const message = ask(
      callOf("1", "broken"),
      callOf("2", "nobody"),
      callOf("3", "number", { n: "one" }),
      callOf("4", "number", { n: 1 }),
      callOf("5", "artifact"),
    );
    const answersOf = async (node: StockToolNode) => {
      const { messages } = await node.invoke({ messages: [message] });
      return (messages as ToolMessage[]).map((answer) => ({
        ...answer.toDict().data,
        text: answer.text,
      }));
    };
    const ours = await answersOf(new ParallelToolNode(tools));
    assert.equal(ours.length, 5);
    assert.deepEqual(ours, await answersOf(new StockToolNode(tools)));
  },
);

check(
  "without handling of errors the one of the lowest index is thrown, when all calls have ended",
  async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), {
      handleToolErrors: false,
    });
    const calls = ["a", "b", "c"].map((id) => callOf(id, "t"));
    let isOver = false;
    const run = node.invoke([ask(...calls)]).finally(() => {
      isOver = true;
    });
    run.catch(() => {});
    await settle();
    await stage.fail("b");
    assert.equal(stage.signals.get("c")?.aborted, true);
    await stage.fail("a");
    assert.equal(isOver, false);
    await stage.finish("c");
    await assert.rejects(run, /a broke/);
  },
);

check("a tool's Command stands where its call stands", async () => {
  const move = tool(() => new Command({ goto: "next" }), described("move"));
  const look = tool(() => "seen", described("look"));
  const node = new ParallelToolNode([move, look]);
  const message = ask(callOf("1", "look"), callOf("2", "move"));
  const ours: unknown[] = await node.invoke({ messages: [message] });
  const stock: unknown[] = await new StockToolNode([move, look]).invoke({
    messages: [message],
  });
  assert.equal(isCommand(ours[1]), true);
  assert.deepEqual((ours[1] as Command).goto, ["next"]);
  assert.equal(ours.length, stock.length);
});

check("a tool's Command to the parent graph reaches it", async () => {
  const leave = tool(
    () =>
      new Command({
        graph: Command.PARENT,
        goto: "elsewhere",
        update: { messages: [new AIMessage("left")] },
      }),
    described("leave"),
  );
  const inner = new StateGraph(MessagesAnnotation)
    .addNode("tools", new ParallelToolNode([leave]))
    .addEdge(START, "tools")
    .compile();
  const { messages } = await new StateGraph(MessagesAnnotation)
    .addNode("inner", inner, { ends: ["elsewhere"] })
    .addNode("elsewhere", () => ({ messages: [new AIMessage("arrived")] }))
    .addEdge(START, "inner")
    .compile()
    .invoke({ messages: [ask(callOf("1", "leave"))] });
  assert.deepEqual(
    messages.slice(-2).map(({ text }) => text),
    ["left", "arrived"],
  );
});

check("a parent Command that a tool throws is thrown by the node", async () => {
  const leave = tool(() => {
    throw new ParentCommand(
      new Command({ graph: Command.PARENT, goto: "elsewhere" }),
    );
  }, described("leave"));
  const node = new ParallelToolNode([leave]);
  await assert.rejects(
    node.invoke([ask(callOf("1", "leave"))]),
    (error) => error instanceof ParentCommand,
  );
});

check("a run that was aborted before starts nothing", async () => {
  const notes = new Notes();
  const node = new ParallelToolNode(notes.tools("a"));
  const reason = new Error("The user left.");
  await assert.rejects(
    node.invoke([ask(callOf("1", "a"))], { signal: AbortSignal.abort(reason) }),
    /The user left|Abort/,
  );
  assert.deepEqual(notes.log, []);
});

check(
  "an abort reaches the tools of a graph, and nothing starts after it",
  async () => {
    const stage = new Stage();
    const controller = new AbortController();
    const node = new ParallelToolNode(stage.tools("t"), {
      policies: { t: { concurrency: 1 } },
    });
    const run = new StateGraph(MessagesAnnotation)
      .addNode("tools", node)
      .addEdge(START, "tools")
      .compile()
      .invoke(
        { messages: [ask(callOf("a", "t"), callOf("b", "t"))] },
        { signal: controller.signal },
      );
    run.catch(() => {});
    for (let turn = 0; turn < 1_000 && stage.log.length === 0; turn += 1) {
      await settle();
    }
    controller.abort();
    await assert.rejects(run);
    await stage.finish("a");
    assert.deepEqual(stage.log, ["a start", "a signal", "a end"]);
  },
);

check("the node is a ToolNode of the host", () => {
  const node = new ParallelToolNode([]);
  assert.equal(node instanceof StockToolNode, true);
  const message = ask(callOf("1", "a"));
  assert.equal(toolsCondition({ messages: [message] }), "tools");
  assert.equal(toolsCondition({ messages: [new AIMessage("done")] }), END);
});

check("a subclass that overrides `runTool` is asked", async () => {
  class Loud extends ParallelToolNode {
    protected override async runTool(
      ...args: Parameters<ParallelToolNode["runTool"]>
    ) {
      const answer: unknown = await super.runTool(...args);
      return new ToolMessage({
        content: `${(answer as ToolMessage).text}!`,
        tool_call_id: args[0].id ?? "",
      });
    }
  }
  const node = new Loud(new Notes().tools("a"));
  const answers: ToolMessage[] = await node.invoke([ask(callOf("1", "a"))]);
  assert.deepEqual(answerLines(answers), ["1 ok: a done!"]);
});

check("a tool sees the state, its call and the config of the run", async () => {
  const seen: unknown[] = [];
  const look = tool((_, runtime: ToolRuntime<{ messages: unknown[] }>) => {
    const input = getCurrentTaskInput<typeof MessagesAnnotation.State>();
    seen.push(
      runtime.toolCallId,
      runtime.config.configurable?.["user"],
      input.messages.length,
    );
    return "seen";
  }, described("look"));
  await new StateGraph(MessagesAnnotation)
    .addNode("tools", new ParallelToolNode([look], { maxConcurrency: 2 }))
    .addEdge(START, "tools")
    .compile()
    .invoke(
      { messages: [ask(callOf("1", "look"))] },
      { configurable: { user: "me" } },
    );
  assert.deepEqual(seen, ["1", "me", 1]);
});

check(
  "calls that a graph of its own sends one by one keep their order",
  async () => {
    const notes = new Notes();
    const node = new ParallelToolNode(notes.tools("a", "b"), {
      policies: { a: { after: ["b"] } },
    });
    const { messages } = await new StateGraph(MessagesAnnotation)
      .addNode("agent", () => ({
        messages: [ask(callOf("1", "a"), callOf("2", "b"))],
      }))
      .addNode("tools", node)
      .addEdge(START, "agent")
      .addConditionalEdges(
        "agent",
        (state: typeof MessagesAnnotation.State) =>
          (state.messages.at(-1) as AIMessage).tool_calls?.map(
            (call) => new Send("tools", { ...state, lg_tool_call: call }),
          ) ?? [],
        ["tools"],
      )
      .compile()
      .invoke({ messages: [] });
    assert.deepEqual(notes.log, ["b", "b end", "a", "a end"]);
    assert.deepEqual(answerLines(messages.filter(isToolMessage)), [
      "1 ok: a done",
      "2 ok: b done",
    ]);
  },
);

check("`maxConcurrency` of an invocation holds for a batch", async () => {
  const notes = new Notes();
  const node = new ParallelToolNode(notes.tools("a", "b"));
  await node.invoke([ask(callOf("1", "a"), callOf("2", "b"))], {
    maxConcurrency: 1,
  });
  assert.deepEqual(notes.log, ["a", "a end", "b", "b end"]);
});
