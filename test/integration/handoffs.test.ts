import type { BaseMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { StructuredTool } from "@langchain/core/tools";
import {
  Command,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import {
  createHandoffTool as createSupervisorTool,
  createSupervisor,
} from "@langchain/langgraph-supervisor";
import { createHandoffTool, createSwarm } from "@langchain/langgraph-swarm";
import { describe, expect, test } from "vitest";
import { Notes } from "../middleware/support/notes.js";
import type { AgentHost } from "../support/agent-hosts.js";
import { LoggedModel } from "../support/logged-model.js";
import { callOf } from "../support/messages.js";
import { createLateQuestion } from "./support/late-question.js";
import { normalised } from "./support/normalised.js";
import {
  GO,
  graphOf,
  type Hosted,
  hostProgram,
  once,
  THREAD,
  type Way,
  waysIn,
} from "./support/three-ways.js";

const toBob = (id: string) => callOf(id, "transfer_to_bob");
const toCarl = (id: string) => callOf(id, "transfer_to_carl");
const pay = (id: string) => callOf(id, "pay");
const asks = (id: string) => callOf(id, "ask");

/** What the first agent asks for, in one message. */
const MESSAGES: readonly (readonly [string, ToolCall[]])[] = [
  ["alone", [toBob("1")]],
  ["behind a call", [pay("1"), toBob("2")]],
  ["before a call", [toBob("1"), pay("2")]],
  ["between calls", [pay("1"), toBob("2"), pay("3")]],
  ["before a call that pauses", [toBob("1"), asks("2")]],
  ["behind a call that pauses", [asks("1"), toBob("2")]],
  ["beside both", [pay("1"), asks("2"), toBob("3")]],
  ["beside another", [toBob("1"), toCarl("2"), pay("3")]],
  ["beside another and a pause", [toBob("1"), asks("2"), toCarl("3")]],
];

interface Team {
  readonly graph: Hosted;
  /** Which models were asked, and what tools did. */
  readonly log: string[];
}

interface Member {
  readonly name: string;
  readonly tools?: readonly StructuredTool[];
  readonly turns?: readonly ToolCall[][];
}

function member(
  way: Way,
  host: AgentHost,
  { name, tools = [], turns = [] }: Member,
  notes: Notes,
) {
  const program = { name, turns, log: notes.log, checkpointer: false } as const;
  const own = [...notes.tools("pay"), createLateQuestion(), ...tools];
  return graphOf(hostProgram(way, host, { ...program, tools: own }));
}

/** Alice hands over to Bob or Carl, who just answer. */
function swarm(way: Way, host: AgentHost, calls: ToolCall[]): Team {
  const notes = new Notes();
  const tools = ["bob", "carl"].map((agentName) =>
    createHandoffTool({ agentName }),
  );
  const alice = { name: "alice", tools, turns: [calls] };
  const members = [alice, { name: "bob" }, { name: "carl" }];
  const graph = createSwarm({
    agents: members.map((each) => member(way, host, each, notes)) as never[],
    defaultActiveAgent: "alice",
  }).compile({ checkpointer: new MemorySaver() });
  return { graph: graph, log: notes.log };
}

/** A supervisor whose own calls run with ours: the package makes its own node. */
function supervised(way: Way, host: AgentHost, calls: ToolCall[]): Team {
  const notes = new Notes();
  const tools = ["bob", "carl"].map((agentName) =>
    createSupervisorTool({ agentName }),
  );
  const boss = { name: "boss", tools, turns: [calls] };
  const [lead, bob, carl] = [boss, { name: "bob" }, { name: "carl" }].map(
    (each) => member(way, host, each, notes) as never,
  );
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("boss", lead as never, { ends: ["bob", "carl"] })
    .addNode("bob", bob as never)
    .addNode("carl", carl as never)
    .addEdge(START, "boss")
    .addEdge("bob", "boss")
    .addEdge("carl", "boss")
    .compile({ checkpointer: new MemorySaver() });
  return { graph: graph, log: notes.log };
}

/** The package's supervisor; Bob, under it, runs his calls with ours. */
function staff(way: Way, host: AgentHost, calls: ToolCall[]): Team {
  const notes = new Notes();
  const bob = { name: "bob", turns: [[], calls] };
  const graph = createSupervisor({
    agents: [member(way, host, bob, notes) as never],
    llm: new LoggedModel("boss", [[toBob("b1")]], notes.log) as never,
    supervisorName: "boss",
    outputMode: "full_history",
  }).compile({ checkpointer: new MemorySaver() });
  return { graph: graph, log: notes.log };
}

/** Two turns of the user, the first with its pause, if there is one. */
async function story({ graph, log }: Team) {
  const stops: unknown[] = [];
  const stop = async (input: unknown) => {
    log.length = 0;
    const state = await graph.invoke(input, THREAD);
    const { next } = await graph.getState(THREAD);
    const models = log.filter((line) => line.includes("model"));
    stops.push({ state, next, models });
    return state;
  };
  let state = await stop(GO);
  const paidAfterPause: number[] = [];
  while (isInterrupted(state)) {
    state = await stop(new Command({ resume: "yes" }));
    paidAfterPause.push(log.filter((line) => line === "pay").length);
  }
  const first = state;
  await stop({ messages: [{ role: "user", content: "And now?" }] });
  return { stops: normalised(stops), first, paidAfterPause };
}

/** Each call's own answer, by id, as the conversation goes on with them. */
const answersIn = (messages: readonly BaseMessage[]) =>
  messages.filter((message) => message.getType() === "tool");

/** With `durable` none; the others pay again, as stock does. */
const paidAgain = (way: Way, ran: { readonly paidAfterPause: number[] }) =>
  way === "ours, durable"
    ? ran.paidAfterPause.filter((times) => times > 0)
    : [];

describe.each(waysIn())("In $host with $way,", ({ host, way }) => {
  test.each(MESSAGES)(
    "a swarm's handoff %s leads where it leads with stock",
    async (_, calls) => {
      const stock = await once(["swarm", host, calls], () =>
        story(swarm("stock", host, calls)),
      );
      const ours = await story(swarm(way, host, calls));
      expect(ours.stops).toEqual(stock.stops);
      const { activeAgent } = ours.first as unknown as { activeAgent: string };
      expect(activeAgent).toMatch(/^(bob|carl)$/);
      expect(answersIn(ours.first.messages).length).toBeGreaterThan(0);
      expect(paidAgain(way, ours)).toEqual([]);
    },
  );

  test.each(MESSAGES)(
    "a supervisor's handoff %s leads where it leads with stock",
    async (_, calls) => {
      const stock = await once(["supervised", host, calls], () =>
        story(supervised("stock", host, calls)),
      );
      const ours = await story(supervised(way, host, calls));
      expect(ours.stops).toEqual(stock.stops);
      expect(paidAgain(way, ours)).toEqual([]);
    },
  );

  test.each([
    ["that just answer", [pay("1"), pay("2")]],
    ["one of which pauses", [pay("1"), asks("2"), pay("3")]],
  ])(
    "the calls of an agent under a supervisor %s end as with stock",
    async (_, calls) => {
      const stock = await once(["staff", host, calls], () =>
        story(staff("stock", host, calls)),
      );
      const ours = await story(staff(way, host, calls));
      expect(ours.stops).toEqual(stock.stops);
      expect(answersIn(ours.first.messages).length).toBeGreaterThan(1);
      expect(paidAgain(way, ours)).toEqual([]);
    },
  );
});
