import { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { tool, type ToolRuntime } from "@langchain/core/tools";
import {
  Command,
  END,
  isInterrupted,
  MemorySaver,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Notes } from "../middleware/support/notes.js";
import { ask, callOf } from "../support/messages.js";
import { createLateQuestion } from "./support/late-question.js";
import { normalised } from "./support/normalised.js";
import { Notebook } from "./support/notebook.js";
import {
  GO,
  graphOf,
  type Hosted,
  hostProgram,
  once,
  OUR_WAYS,
  THREAD,
  toolNode,
  type Way,
  waysIn,
} from "./support/three-ways.js";

/** Makes the Command that a call with this id gives. */
type Give = (id: string) => Command;

const answer = (id: string) =>
  new ToolMessage({ content: "moved", name: "move", tool_call_id: id });
const note = { notes: ["noted"] };
const PARENT = Command.PARENT;

/** They leave the graph of the call. */
const TO_PARENT: Record<string, Give> = {
  "to a node of the parent": () => new Command({ graph: PARENT, goto: "desk" }),
  "to a node of the parent, with an update": (id) =>
    new Command({
      graph: PARENT,
      goto: "desk",
      update: { ...note, messages: [answer(id)] },
    }),
  "to the parent by Send": () =>
    new Command({ graph: PARENT, goto: [new Send("desk", { messages: [] })] }),
  "to two nodes of the parent": () =>
    new Command({ graph: PARENT, goto: ["desk", "archive"], update: note }),
  "that updates the parent": () => new Command({ graph: PARENT, update: note }),
};

/** They stay in the graph of the call. */
const INSIDE: Record<string, Give> = {
  "that updates, with an answer": (id) =>
    new Command({ update: { ...note, messages: [answer(id)] } }),
  "that updates, without an answer": () => new Command({ update: note }),
  "that leads to a node": (id) =>
    new Command({ goto: "desk", update: { messages: [answer(id)] } }),
  "that leads to a node by Send": (id) =>
    new Command({
      goto: [new Send("desk", { notes: [] })],
      update: { messages: [answer(id)] },
    }),
  "with nothing in it": () => new Command({}),
};

/** The calls among which one gives a Command. */
const SCENES: readonly (readonly [string, ToolCall[]])[] = [
  ["in one run", [callOf("1", "pay"), callOf("2", "move"), callOf("3", "pay")]],
  [
    "before a call that pauses",
    [callOf("1", "pay"), callOf("2", "move"), callOf("3", "ask")],
  ],
  [
    "after a call that pauses",
    [callOf("1", "ask"), callOf("2", "move"), callOf("3", "pay")],
  ],
  [
    "beside another and a call that pauses",
    [callOf("1", "move"), callOf("2", "move"), callOf("3", "ask")],
  ],
];

function createTools(give: Give) {
  const notes = new Notes();
  const move = tool(
    (_, { toolCallId }: ToolRuntime) => {
      notes.log.push("move");
      return give(toolCallId);
    },
    { name: "move", description: "Moves.", schema: z.object({}) },
  );
  return { notes, tools: [...notes.tools("pay"), createLateQuestion(), move] };
}

/** The state at the pause, if there was one, and at the end. */
async function runThrough(
  graph: Hosted,
  input: unknown,
  log: string[],
): Promise<Ran> {
  const paused = await graph.invoke(input, THREAD);
  if (!isInterrupted(paused)) return { ended: paused, again: [] };
  log.length = 0;
  const resume = new Command({ resume: "yes" });
  const ended = await graph.invoke(resume, THREAD);
  return { paused, ended, again: [...log] };
}

interface Ran {
  readonly paused?: unknown;
  readonly ended: unknown;
  /** What tools did after the pause. */
  readonly again: readonly string[];
}

function expectSame(way: Way, ours: Ran, stock: Ran): void {
  expect(normalised(ours.paused)).toEqual(normalised(stock.paused));
  expect(normalised(ours.ended)).toEqual(normalised(stock.ended));
  if (way !== "ours, durable") return;
  expect(ours.again.filter((line) => /^(pay|move)/.test(line))).toEqual([]);
}

describe.each(waysIn())("In $host with $way, a Command", ({ host, way }) => {
  async function run(who: Way, give: Give, calls: ToolCall[]) {
    const { notes, tools } = createTools(give);
    const program = { tools, turns: [calls], checkpointer: false } as const;
    const team = graphOf(hostProgram(who, host, program));
    const graph = new StateGraph(Notebook)
      .addNode("team", team as never, { ends: ["desk", "archive"] })
      .addNode("desk", () => ({ visited: ["desk"] }))
      .addNode("archive", () => ({ visited: ["archive"] }))
      .addEdge(START, "team")
      .addEdge("team", END)
      .compile({ checkpointer: new MemorySaver() });
    return runThrough(graph, GO, notes.log);
  }

  describe.each(Object.entries(TO_PARENT))("%s", (kind, give) => {
    test.each(SCENES)(
      "has the effect it has with stock, %s",
      async (_scene, calls) => {
        const stock = await once(["parent", host, kind, calls], () =>
          run("stock", give, calls),
        );
        const ours = await run(way, give, calls);
        expectSame(way, ours, stock);
      },
    );
  });
});

describe.each(OUR_WAYS)("In a graph with %s, a Command", (way) => {
  async function run(who: Way, give: Give, calls: ToolCall[]) {
    const { notes, tools } = createTools(give);
    const graph = new StateGraph(Notebook)
      .addNode("tools", toolNode(who, { tools }), { ends: ["desk"] })
      .addNode("desk", ({ notes: all }) => ({
        visited: [`desk of ${all.length}`],
      }))
      .addNode("after", () => ({ visited: ["after"] }))
      .addEdge(START, "tools")
      .addEdge("tools", "after")
      .compile({ checkpointer: new MemorySaver() });
    const input = { messages: [ask(...calls)] };
    return runThrough(graph, input, notes.log);
  }

  describe.each(Object.entries(INSIDE))("%s", (kind, give) => {
    test.each(SCENES)(
      "has the effect it has with stock, %s",
      async (_scene, calls) => {
        const stock = await once(["inside", kind, calls], () =>
          run("stock", give, calls),
        );
        const ours = await run(way, give, calls);
        expectSame(way, ours, stock);
      },
    );
  });
});

/** Those that the state of every host takes. */
const OF_MESSAGES: Record<string, Give> = {
  "that answers": (id) => new Command({ update: { messages: [answer(id)] } }),
  "that answers with more messages": (id) =>
    new Command({
      update: { messages: [answer(id), { role: "system", content: "Hurry." }] },
    }),
};

describe.each(waysIn())(
  "In $host itself with $way, a Command",
  ({ host, way }) => {
    async function run(who: Way, give: Give, calls: ToolCall[]) {
      const { notes, tools } = createTools(give);
      const agent = hostProgram(who, host, { tools, turns: [calls] });
      return runThrough(agent, GO, notes.log);
    }

    describe.each(Object.entries(OF_MESSAGES))("%s", (kind, give) => {
      test.each(SCENES)(
        "has the effect it has with stock, %s",
        async (_scene, calls) => {
          const stock = await once(["itself", host, kind, calls], () =>
            run("stock", give, calls),
          );
          const ours = await run(way, give, calls);
          expectSame(way, ours, stock);
        },
      );
    });
  },
);
