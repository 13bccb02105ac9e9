import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { dispatchCustomEvent } from "@langchain/core/callbacks/dispatch";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool, type ToolRuntime } from "@langchain/core/tools";
import {
  Annotation,
  Command,
  END,
  getCurrentTaskInput,
  interrupt,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { expectSame } from "./support/compare.js";
import { EAGER_HOSTS } from "./support/hosts.js";
import type { Log, Scene } from "./support/play.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn } from "./support/write-turn.js";

useFakeTimers();

const CALLS = [
  { id: "a", name: "special", args: { text: "a" } },
  { id: "b", name: "look", args: { text: "b" } },
  { id: "c", name: "look", args: { text: "c" } },
];

type Inside = (runtime: ToolRuntime, text: string) => unknown;

function scene(inside: Inside, more: Partial<Scene> = {}): Scene {
  return {
    turns: [writeTurn(CALLS)],
    tools: (log) => [
      timedTool("special", log, 5, inside),
      timedTool("look", log, 20, ({ writer }, text) =>
        writer?.({ call: text }),
      ),
    ],
    options: {
      policies: {
        special: { readOnly: true, retry: false },
        look: { readOnly: true },
      },
    },
    ...more,
  };
}

const graph = new StateGraph(Annotation.Root({ said: Annotation<string> }))
  .addNode("only", () => ({ said: "graph" }))
  .addEdge(START, "only")
  .addEdge("only", END)
  .compile();

const INSIDE: Record<string, Inside> = {
  "starts a graph": async () => (await graph.invoke({ said: "" })).said,
  "starts a graph with its config": async (runtime) =>
    (await graph.invoke({ said: "" }, runtime as never)).said,
  "streams a graph": async (runtime) => {
    let last: unknown;
    for await (const chunk of await graph.stream(
      { said: "" },
      runtime as never,
    ))
      last = chunk;
    return JSON.stringify(last);
  },
  "reads the state": ({ state }) =>
    `${(state as { messages?: unknown[] })?.messages?.length}`,
  "copies the state": ({ state }) =>
    JSON.stringify(Object.keys({ ...(state as object) })),
  "reads the current input": () =>
    `${Object.keys(getCurrentTaskInput<object>()).length > 0}`,
  "returns a Command": ({ toolCallId }) =>
    new Command({
      update: {
        messages: [
          new ToolMessage({ content: "by command", tool_call_id: toolCallId }),
          new HumanMessage({ id: "more", content: "more" }),
        ],
      },
    }),
  "catches what it is told": ({ state }) => {
    try {
      return `${(state as { messages: unknown[] }).messages.length}`;
    } catch {
      return "nothing";
    }
  },
  "catches what an interrupt throws": (runtime) => {
    try {
      const { messages } = runtime.state as { messages: unknown[] };
      return `${messages.length}`;
    } catch {
      return "caught";
    }
  },
  throws: () => {
    throw new Error("no such thing");
  },
  "throws a text": () => {
    throw "text";
  },
  "returns nothing": () => "",
  "runs a runnable": async (runtime) =>
    RunnableLambda.from((x: string) => `<${x}>`).invoke("in", runtime as never),
  "runs a runnable without a config": async () =>
    RunnableLambda.from((x: string) => `<${x}>`).invoke("in"),
  "dispatches an event": async (runtime) => {
    await dispatchCustomEvent("mine", { call: "a" }, runtime as never);
    return "dispatched";
  },
  "reads the name of its node": ({ config }) =>
    String(config.metadata?.["langgraph_node"]),
  "reads its tool's own metadata": ({ config }) =>
    String(config.metadata?.["thread_id"]),
  "asks by its runtime's interrupt whether it may": (runtime) =>
    typeof (runtime as { interrupt?: unknown }).interrupt,
  "reads what its task is": (runtime) =>
    String(
      (runtime as { executionInfo?: { nodeAttempt?: number } }).executionInfo
        ?.nodeAttempt,
    ),
  "reads the thread": ({ config }) =>
    String(
      (config as { configurable?: { thread_id?: string } }).configurable
        ?.thread_id,
    ),
  "reads the thread's place": ({ config }) =>
    String(
      (config as { configurable?: { checkpoint_ns?: string } }).configurable
        ?.checkpoint_ns,
    ).split(":")[0],
  "asks the runtime what it has": (runtime) =>
    JSON.stringify(Object.keys(runtime).toSorted()),
  "asks for its tags and name": ({ config }) =>
    JSON.stringify([
      config.tags,
      (config as { runName?: string }).runName,
      config.recursionLimit,
    ]),
};

describe.each(EAGER_HOSTS)("in %s", (host) => {
  test.each(Object.keys(INSIDE))(
    "a tool that %s does so as ever",
    async (name) => {
      // When the others are told of more messages is a matter of their times.
      const of = name === "returns a Command" ? "state" : "all";
      const { eager } = await expectSame(host, () => scene(INSIDE[name]!), {
        of,
      });
      expect(eager.log[0]).toBe("25 special a starts");
    },
  );

  test("a tool that asks a human asks once", async () => {
    const { eager } = await expectSame(
      host,
      () =>
        scene((_, text) => `${text}: ${interrupt("Well?")}`, {
          resumes: ["yes"],
        }),
      { of: "state" },
    );
    const asked = eager.log.filter((line) => line.includes("special a"));
    expect(asked).toHaveLength(6);
    expect(eager.log[0]).toBe("25 special a starts");
  });

  test("a run that asks a human when its call waits for it is reported", async () => {
    const asks: Inside = (_, text) => `${text}: ${interrupt("Well?")}`;
    const { eager } = await expectSame(
      host,
      () =>
        scene(asks, {
          resumes: ["yes"],
          tools: (log) => [
            timedTool("special", log, 200, asks),
            timedTool("look", log, 20),
          ],
        }),
      { of: "state" },
    );
    const discarded = eager.reports.flatMap((report) => report.discarded ?? []);
    expect(discarded).toMatchObject([
      {
        index: 0,
        name: "special",
        why: "it asks a human, or reads the current state",
      },
    ]);
  });

  test("a tool that yields does so as ever", async () => {
    const create = (): Scene => ({
      ...scene(() => ""),
      tools: (log: Log) => [
        tool(
          async function* ({ text }: { text: string }) {
            log(`special ${text} starts`);
            yield { call: "a" };
            yield { call: "a" };
            return "yielded";
          },
          {
            name: "special",
            description: "Yields.",
            schema: z.object({ text: z.string() }),
          },
        ),
        timedTool("look", log, 20),
      ],
    });
    await expectSame(host, create);
  });
});
