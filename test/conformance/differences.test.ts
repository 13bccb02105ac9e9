import {
  AIMessage,
  isToolMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import {
  Command,
  GraphInterrupt,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  ParentCommand,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode as StockToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { settle } from "../support/fake-clock.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

const abc = [ask(callOf("a", "t"), callOf("b", "t"), callOf("c", "t"))];

describe("config.maxConcurrency", () => {
  async function mostAtOnce(Node: typeof StockToolNode, inGraph: boolean) {
    let running = 0;
    let most = 0;
    const counted = tool(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await settle();
        running -= 1;
        return "ok";
      },
      { name: "t", description: "Counts.", schema: z.object({}) },
    );
    const node = new Node([counted]);
    const config = { maxConcurrency: 2 };
    if (inGraph) {
      await new StateGraph(MessagesAnnotation)
        .addNode("tools", node)
        .addEdge(START, "tools")
        .compile()
        .invoke({ messages: abc }, config);
    } else {
      await node.invoke(abc, config);
    }
    return most;
  }

  it.each([false, true])("is honoured (in a graph: %s)", async (inGraph) => {
    expect(await mostAtOnce(StockToolNode, inGraph)).toBe(3);
    expect(await mostAtOnce(ParallelToolNode, inGraph)).toBe(2);
  });
});

describe("a call", () => {
  /** Ends `a` with what it throws and `b` after it. */
  async function runBoth(Node: typeof StockToolNode, thrown: Error) {
    const stage = new Stage();
    const node = new Node(stage.tools("t"), {
      handleToolErrors: thrown instanceof GraphInterrupt,
    });
    const run = node.invoke([ask(callOf("a", "t"), callOf("b", "t"))]);
    const ended = run.catch((error: Error) => {
      stage.log.push(`node threw ${error.name}`);
    });
    await settle();
    await stage.fail("a", thrown);
    await stage.finish("b");
    await ended;
    return stage.log;
  }

  it("is not left running after the node has thrown an error", async () => {
    const broken = new TypeError("a broke");
    expect(await runBoth(StockToolNode, broken)).toEqual([
      "a start",
      "b start",
      "a fail",
      "node threw TypeError",
      "b end",
    ]);
    expect(await runBoth(ParallelToolNode, broken)).toEqual([
      "a start",
      "b start",
      "a fail",
      "b signal",
      "b end",
      "node threw TypeError",
    ]);
  });

  it("is not left running after the node has interrupted", async () => {
    const interrupt = new GraphInterrupt([{ value: "sure?" }]);
    expect(await runBoth(StockToolNode, interrupt)).toEqual([
      "a start",
      "b start",
      "a fail",
      "node threw GraphInterrupt",
      "b end",
    ]);
    expect(await runBoth(ParallelToolNode, interrupt)).toEqual([
      "a start",
      "b start",
      "a fail",
      "b end",
      "node threw GraphInterrupt",
    ]);
  });
});

describe("a call with an id that an earlier turn has used", () => {
  async function started(Node: typeof StockToolNode) {
    const stage = new Stage();
    const node = new Node(stage.tools("t"));
    const calls = ask(callOf("call_0", "t"));
    const answer = new ToolMessage({ content: "1", tool_call_id: "call_0" });
    const run = node.invoke([calls, answer, ask(callOf("call_0", "t"))]);
    await settle();
    await stage.finish("call_0");
    return [stage.log, answerLines(await run)];
  }

  it("is run, and not taken for answered", async () => {
    expect(await started(StockToolNode)).toEqual([[], []]);
    expect(await started(ParallelToolNode)).toEqual([
      ["call_0 start", "call_0 end"],
      ["call_0 ok: call_0 result"],
    ]);
  });
});

describe("calls that share an id", () => {
  async function started(Node: typeof StockToolNode) {
    const stage = new Stage();
    const node = new Node(stage.tools("t"));
    const answer = new ToolMessage({ content: "1", tool_call_id: "" });
    const run = node.invoke([ask(callOf("", "t"), callOf("", "t")), answer]);
    await settle();
    await stage.finish("");
    return answerLines(await run);
  }

  it("are not all answered by the answer to one", async () => {
    expect(await started(StockToolNode)).toEqual([]);
    expect(await started(ParallelToolNode)).toEqual([" ok:  result"]);
  });
});

describe("a plain answer after an edit of the state", () => {
  async function answerTo(Node: typeof StockToolNode) {
    const wipe = tool(({ what }) => `${what}: ${interrupt(`wipe ${what}?`)}`, {
      name: "wipe",
      description: "Wipes.",
      schema: z.object({ what: z.string() }),
    });
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("tools", new Node([wipe]))
      .addEdge(START, "tools")
      .compile({ checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: "t" } };
    const asking = (what: string) =>
      new AIMessage({
        id: "m",
        content: "",
        tool_calls: [callOf("a", "wipe", { what })],
      });
    await graph.invoke({ messages: [asking("tmp")] }, config);
    const edited = { messages: [asking("production")] };
    await graph.updateState(config, edited, START);
    const answered = new Command({ resume: "yes" }) as never;
    const { messages } = await graph.invoke(answered, config);
    return answerLines(messages.filter(isToolMessage));
  }

  it("answers no question that nobody has seen", async () => {
    expect(await answerTo(StockToolNode)).toEqual(["a ok: production: yes"]);
    expect(await answerTo(ParallelToolNode)).toEqual([]);
  });
});

describe("of several errors", () => {
  async function thrownBy(Node: typeof StockToolNode) {
    const stage = new Stage();
    const node = new Node(stage.tools("t"), { handleToolErrors: false });
    const run = node.invoke(abc);
    const thrown = run.catch((error: Error) => error.message);
    await settle();
    await stage.fail("c");
    await stage.fail("b");
    await stage.finish("a");
    return thrown;
  }

  it("the one of the lowest index is thrown, not the first in time", async () => {
    expect(await thrownBy(StockToolNode)).toBe("c broke");
    expect(await thrownBy(ParallelToolNode)).toBe("b broke");
  });

  it("those that only follow from the abort do not count", async () => {
    const obedient = tool(
      (_args, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
        }),
      { name: "obedient", description: "Stops.", schema: z.object({}) },
    );
    const stage = new Stage();
    const node = new ParallelToolNode([obedient, stage.tool("t")], {
      handleToolErrors: false,
    });
    const run = node.invoke([ask(callOf("o", "obedient"), callOf("a", "t"))]);
    const thrown = run.catch((error: Error) => error.message);
    await settle();
    await stage.fail("a");
    expect(await thrown).toBe("a broke");
  });
});

describe("the message for", () => {
  function textFor(Node: typeof StockToolNode, thrown: unknown) {
    const throws = tool(
      () => {
        throw thrown;
      },
      { name: "t", description: "Throws.", schema: z.object({}) },
    );
    return contentOf(new Node([throws]).invoke([ask(callOf("a", "t"))]));
  }

  async function contentOf(run: Promise<ToolMessage[]>) {
    const [answer] = await run.catch((error: Error) => [
      { content: `threw ${error.message}` },
    ]);
    return answer?.content;
  }

  const asFor = (text: string) => `Error: ${text}\n Please fix your mistakes.`;

  it.each([
    ["a string", "no such file", asFor("undefined"), asFor("no such file")],
    [
      "an object",
      { code: 7 },
      asFor("undefined"),
      asFor('the tool threw `{"code":7}` (object)'),
    ],
    [
      "undefined",
      undefined,
      "threw Cannot read properties of undefined (reading 'message')",
      asFor("the tool threw `undefined`"),
    ],
    [
      "null",
      null,
      "threw Cannot read properties of null (reading 'name')",
      asFor("the tool threw `null`"),
    ],
  ])("%s that was thrown is readable", async (_, thrown, stock, ours) => {
    expect(await textFor(StockToolNode, thrown)).toBe(stock);
    expect(await textFor(ParallelToolNode, thrown)).toBe(ours);
  });

  it("a result of undefined is readable", async () => {
    const silent = RunnableLambda.from(() => undefined as unknown as string);
    const nothing = silent.asTool({
      name: "nothing",
      description: "Returns nothing.",
      schema: z.object({}),
    });
    const input = [ask(callOf("a", "nothing"))];
    const stock = contentOf(new StockToolNode([nothing]).invoke(input));
    expect(await stock).not.toBeTypeOf("string");
    const ours = contentOf(new ParallelToolNode([nothing]).invoke(input));
    expect(await ours).toBe("nothing finished and returned nothing.");
  });
});

describe("a ParentCommand that a tool throws", () => {
  function throwing() {
    return tool(
      () => {
        throw new ParentCommand(
          new Command({ graph: "parent", goto: "elsewhere" }),
        );
      },
      { name: "t", description: "Hands over.", schema: z.object({}) },
    );
  }

  it("is not turned into a message", async () => {
    const input = [ask(callOf("a", "t"))];
    const answers = await new StockToolNode([throwing()]).invoke(input);
    expect(answerLines(answers)).toEqual([
      "a error: Error: \n Please fix your mistakes.",
    ]);
    const run = new ParallelToolNode([throwing()]).invoke(input);
    await expect(run).rejects.toBeInstanceOf(ParentCommand);
  });

  /** Runs a tool that invokes a graph whose node commands the parent. */
  async function visited(Node: typeof StockToolNode) {
    const nested = new StateGraph(MessagesAnnotation)
      .addNode("hand_over", () => {
        return new Command({ graph: Command.PARENT, goto: "elsewhere" });
      })
      .addEdge(START, "hand_over")
      .compile();
    const delegate = tool(
      async (_args, config) => {
        await nested.invoke({ messages: [] }, config);
        return "came back";
      },
      { name: "t", description: "Delegates.", schema: z.object({}) },
    );
    const visits: string[] = [];
    await new StateGraph(MessagesAnnotation)
      .addNode("tools", new Node([delegate]), { ends: ["elsewhere"] })
      .addNode("elsewhere", () => {
        visits.push("elsewhere");
        return {};
      })
      .addEdge(START, "tools")
      .compile()
      .invoke({ messages: [ask(callOf("a", "t"))] });
    return visits;
  }

  it("from a graph inside of the tool reaches the graph around it", async () => {
    expect(await visited(StockToolNode)).toEqual([]);
    expect(await visited(ParallelToolNode)).toEqual(["elsewhere"]);
  });
});
