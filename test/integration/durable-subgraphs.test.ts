import { tool } from "@langchain/core/tools";
import {
  Annotation,
  Command,
  INTERRUPT,
  type Interrupt,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
  type StateSnapshot,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Notes } from "../middleware/support/notes.js";
import { AGENT_HOSTS, type AgentHost } from "../support/agent-hosts.js";
import { callOf } from "../support/messages.js";
import { normalised } from "./support/normalised.js";
import {
  collect,
  GO,
  graphOf,
  type Hosted,
  hostProgram,
  type State,
  THREAD,
  type Way,
  waysIn,
} from "./support/three-ways.js";

const ONE = [callOf("1", "pay"), callOf("2", "ask")];
const TWO = [...ONE, callOf("3", "ask_more")];

/** A graph in which the agent is a node, as deep as `depth` says. */
function start(way: Way, host: AgentHost, calls = ONE, depth = 1) {
  const notes = new Notes();
  const asking = [notes.asking(), notes.asking("ask_more")];
  const tools = [...notes.tools("pay"), ...asking];
  let graph: Hosted = graphOf(
    hostProgram(way, host, { tools, turns: [calls], checkpointer: false }),
  );
  for (let level = depth; level > 0; level -= 1) {
    const builder = new StateGraph(MessagesAnnotation)
      .addNode("team", graph as never)
      .addEdge(START, "team");
    graph = builder.compile(
      level === 1 ? { checkpointer: new MemorySaver() } : {},
    );
  }
  return { graph, notes };
}

function questionsIn(state: State): readonly Interrupt[] {
  return isInterrupted(state) ? state[INTERRUPT] : [];
}

/** What a snapshot says of tasks and questions, in all graphs. */
function tasksIn({ next, tasks }: StateSnapshot): unknown {
  return {
    next,
    tasks: tasks.map(({ name, path, interrupts, error, state }) => ({
      name,
      path,
      interrupts,
      error,
      inside: state && "tasks" in state ? tasksIn(state) : state,
    })),
  };
}

describe.each(waysIn())(
  "In a subgraph that is $host with $way,",
  ({ host, way }) => {
    /** What each place shows of a question, and what comes of its answer. */
    async function askedOnce(who: Way, depth: number) {
      const { graph } = start(who, host, ONE, depth);
      const paused = await graph.invoke(GO, THREAD);
      const shallow = await graph.getState(THREAD);
      const deep = await graph.getState(THREAD, { subgraphs: true });
      const ended = await graph.invoke(new Command({ resume: "yes" }), THREAD);
      return normalised({
        paused,
        shallow: tasksIn(shallow),
        deep: tasksIn(deep),
        ended,
        after: tasksIn(await graph.getState(THREAD, { subgraphs: true })),
      });
    }

    test.each([1, 2])(
      "a question surfaces and is answered as with stock, %s deep",
      async (depth) => {
        const stock = await askedOnce("stock", depth);
        expect(await askedOnce(way, depth)).toEqual(stock);
      },
    );

    test.each(["updates", "values", "tasks", "debug", "checkpoints"])(
      "a question is streamed in `%s` as with stock, and so is its answer",
      async (streamMode) => {
        for (const subgraphs of [false, true]) {
          const streamed = async (who: Way) => {
            const { graph } = start(who, host);
            const config = { ...THREAD, streamMode, subgraphs };
            const before = await collect(graph.stream(GO, config));
            const input = new Command({ resume: "yes" });
            const after = await collect(graph.stream(input, config));
            return normalised([before, after]);
          };
          const stock = await streamed("stock");
          expect(JSON.stringify(stock)).toContain("ask?");
          expect(await streamed(way)).toEqual(stock);
        }
      },
    );

    test("a question surfaces once in each place", async () => {
      const { graph } = start(way, host);
      expect(questionsIn(await graph.invoke(GO, THREAD))).toHaveLength(1);
      const { tasks } = await graph.getState(THREAD, { subgraphs: true });
      expect(tasks.map(({ interrupts }) => interrupts.length)).toEqual([1]);
    });
  },
);

/** In a task each: with `durable`, or where the host sends the calls. */
const TOGETHER = waysIn().filter(
  ({ host, way }) => way !== "ours" || host.endsWith("v2"),
);

describe.each(TOGETHER)(
  "Two questions of a subgraph that is $host with $way",
  ({ host, way }) => {
    const VALUES = ["ask?", "ask_more?"];

    test.each([1, 2])(
      "surface together, each once, and are answered together, %s deep",
      async (depth) => {
        const { graph, notes } = start(way, host, TWO, depth);
        const questions = questionsIn(await graph.invoke(GO, THREAD));
        expect(questions.map(({ value }) => value)).toEqual(VALUES);
        const ids = questions.map(({ id }) => id as string);
        expect(new Set(ids).size).toBe(2);

        const deep = await graph.getState(THREAD, { subgraphs: true });
        const shown = deep.tasks.flatMap(({ interrupts }) => interrupts);
        expect(shown.map(({ id }) => id)).toEqual(ids);

        const resume = Object.fromEntries(ids.map((id, i) => [id, `yes ${i}`]));
        const state = await graph.invoke(new Command({ resume }), THREAD);
        expect(questionsIn(state)).toEqual([]);
        expect(state.messages.map(({ text }) => text).slice(2)).toEqual([
          "pay done",
          "said yes 0",
          "said yes 1",
          "done",
        ]);
        expect(notes.log.filter((line) => line === "pay")).toHaveLength(1);
      },
    );

    test.each([false, true])(
      "come in one or two chunks of `updates`, each once per namespace (subgraphs: %s)",
      async (subgraphs) => {
        const { graph } = start(way, host, TWO);
        const config = { ...THREAD, streamMode: "updates", subgraphs };
        const chunks = await collect(graph.stream(GO, config));
        const seen = new Map<string, unknown[]>();
        for (const chunk of chunks) {
          const [namespace, update] = (subgraphs ? chunk : [[], chunk]) as [
            string[],
            { [INTERRUPT]?: Interrupt[] },
          ];
          const key = namespace.join("|");
          const values = update[INTERRUPT]?.map(({ value }) => value) ?? [];
          if (values.length > 0) {
            seen.set(key, [...(seen.get(key) ?? []), ...values]);
          }
        }
        expect([...seen.values()].length).toBeGreaterThan(0);
        for (const values of seen.values()) expect(values).toEqual(VALUES);
      },
    );
  },
);

const Counted = Annotation.Root({
  n: Annotation<number>({
    reducer: (sum, more) => sum + more,
    default: () => 0,
  }),
});

/** It has a memory of its own in the thread that it is called in. */
const counter = new StateGraph(Counted)
  .addNode("count", () => ({ n: 1 }))
  .addEdge(START, "count")
  .compile({ checkpointer: true });

const count = tool(
  async (_, runtime) => `count ${(await counter.invoke({}, runtime)).n}`,
  { name: "count", description: "Counts.", schema: z.object({}) },
);

describe.each(AGENT_HOSTS)("In %s,", (host) => {
  test.each<readonly [Way, Way, Way]>([
    ["stock", "stock", "stock"],
    ["ours", "ours", "ours"],
    ["ours, durable", "ours, durable", "ours, durable"],
    ["stock", "ours, durable", "stock"],
    ["ours, durable", "stock", "ours, durable"],
    ["ours", "ours, durable", "ours"],
    ["stock", "ours", "ours, durable"],
  ])(
    "a subgraph that a tool calls keeps its memory over turns with %s; %s; %s",
    async (...ways) => {
      const checkpointer = new MemorySaver();
      const answers: (string | undefined)[] = [];
      for (const [turn, way] of ways.entries()) {
        const turns = [[callOf(`c${turn}`, "count")]];
        const program = { tools: [count], turns, checkpointer };
        const agent = hostProgram(way, host, program);
        const { messages } = await agent.invoke(GO, THREAD);
        answers.push(messages.at(-2)?.text);
      }
      expect(answers).toEqual(["count 1", "count 2", "count 3"]);
    },
  );
});
