import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  Command,
  END,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { toolsCondition } from "@langchain/langgraph/prebuilt";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  withEager,
} from "parallel-tools-node";
import { beforeEach, describe, expect, it, test, vi } from "vitest";
import { z } from "zod";
import { configurationProblem } from "../support/thrown-by.js";
import type { ExecutableTool } from "@/batch/run-tool.js";
import { play } from "./support/play.js";
import { StreamingModel } from "./support/streaming-model.js";
import { timedTool } from "./support/timed-tools.js";
import { useFakeTimers } from "./support/use-fake-timers.js";
import { writeTurn, type WrittenCall } from "./support/write-turn.js";

useFakeTimers();

let beganAt = 0;
const log: string[] = [];
const note = (line: string) => log.push(`${Date.now() - beganAt} ${line}`);
beforeEach(() => {
  beganAt = Date.now();
  log.length = 0;
});

const look = (text: string): WrittenCall => ({
  id: text,
  name: "look",
  args: { text },
});

/** A graph whose node asks the model, and hands it nothing but the messages. */
function graphOf(
  calls: readonly WrittenCall[],
  tools: ExecutableTool[],
  options: ParallelToolNodeOptions = {},
) {
  const node = new ParallelToolNode(tools, {
    eager: true,
    policies: { look: { readOnly: true } },
    ...options,
  });
  const model = withEager(new StreamingModel([writeTurn(calls)]), node);
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", async ({ messages }) => ({
      messages: [await model.invoke(messages)],
    }))
    .addNode("tools", node)
    .addEdge(START, "agent")
    .addConditionalEdges("agent", toolsCondition, ["tools", END])
    .addEdge("tools", "agent")
    .compile({ checkpointer: new MemorySaver() });
}

const CONFIG = { configurable: { thread_id: "t" } };
const INPUT = { messages: [new HumanMessage("Go.")] };

describe("a graph of one's own", () => {
  it("starts calls early, where its node hands on no config", async () => {
    const graph = graphOf(["a", "b"].map(look), [timedTool("look", note, 20)]);
    const run = graph.invoke(INPUT, CONFIG);
    await vi.runAllTimersAsync();
    const { messages } = await run;
    expect(messages.map(({ text }) => text)).toEqual([
      "Go.",
      "I look.",
      "look: a",
      "look: b",
      "done",
    ]);
    expect(log).toEqual([
      "25 look a starts",
      "40 look b starts",
      "45 look a ends",
      "60 look b ends",
    ]);
  });

  it("keeps answers of early calls while another one asks a human", async () => {
    const ask = tool(() => `said ${String(interrupt("sure?"))}`, {
      name: "ask",
      description: "Asks.",
      schema: z.object({}),
    });
    const graph = graphOf(
      [look("a"), { id: "q", name: "ask", args: {} }],
      [timedTool("look", note, 20), ask as ExecutableTool],
      { durable: true },
    );
    const run = graph.invoke(INPUT, CONFIG);
    await vi.runAllTimersAsync();
    await run;
    const again = graph.invoke(new Command({ resume: "yes" }), CONFIG);
    await vi.runAllTimersAsync();
    const { messages } = await again;
    expect(messages.map(({ text }) => text).slice(2)).toEqual([
      "look: a",
      "said yes",
      "done",
    ]);
    expect(log).toEqual(["25 look a starts", "45 look a ends"]);
  });
});

test("outside of a graph nothing is started", async () => {
  const node = new ParallelToolNode([timedTool("look", note, 20)], {
    eager: true,
    policies: { look: { readOnly: true } },
  });
  const turn = writeTurn(["a", "b"].map(look));
  const answer = withEager(new StreamingModel([turn]), node).invoke("Go.");
  await vi.runAllTimersAsync();
  expect((await answer).tool_calls).toHaveLength(2);
  expect(log).toEqual([]);
});

test.each(["agent v1", "agent v2"] as const)(
  "tools that a human approves, or that only a server calls read-only, wait: %s",
  async (host) => {
    const { log: seen } = await play(
      host,
      {
        turns: [
          writeTurn(
            ["look", "save", "other", "look"].map((name, at) => ({
              id: `${at}`,
              name,
              args: { text: `${at}` },
            })),
          ),
        ],
        tools: (write) => {
          const hinted = timedTool("other", write, 20);
          hinted.metadata = { annotations: { readOnlyHint: true } };
          return [
            timedTool("look", write, 20),
            timedTool("save", write, 20),
            hinted,
          ];
        },
        options: {
          policies: {
            look: { readOnly: true },
            save: { readOnly: true },
            other: {},
          },
          needsApproval: ["save"],
        },
      },
      true,
    );
    expect(seen.filter((line) => line.endsWith("starts"))).toEqual([
      "25 look 0 starts",
      "60 save 1 starts",
      "60 other 2 starts",
      "60 look 3 starts",
    ]);
  },
);

test("a model that doesn't stream is asked as ever, also for a stream", async () => {
  class Plain extends BaseChatModel {
    override _llmType() {
      return "plain";
    }

    override async _generate() {
      const message = new AIMessage("fine");
      return { generations: [{ text: "fine", message }] };
    }
  }
  const node = new ParallelToolNode([], { eager: true });
  const model = withEager(new Plain({}), node);
  const texts = [(await model.invoke("Go.")).text];
  for await (const { text } of await model.stream("Go.")) texts.push(text);
  expect(texts).toEqual(["fine", "fine"]);
});

describe("withEager refuses", () => {
  const model = () => new StreamingModel([]);

  test.each<[string, () => unknown, string]>([
    [
      "a node without `eager`",
      () => withEager(model(), new ParallelToolNode([])),
      "Expected `node` to be a node that has the option `eager: true`",
    ],
    [
      "another node",
      () => withEager(model(), {}),
      "Expected `node` to be a ParallelToolNode, got",
    ],
    [
      "a text",
      () =>
        withEager(
          "openai:gpt-5.4" as never,
          new ParallelToolNode([], { eager: true }),
        ),
      "Expected `model` to be a chat model",
    ],
    [
      "what is no model",
      () => withEager({ invoke: 1 }, new ParallelToolNode([], { eager: true })),
      "Expected `model` to be a chat model",
    ],
  ])("%s", (_, make, problem) => {
    expect(configurationProblem(make)).toContain(problem);
  });
});
