import { batchAttributes } from "@/opentelemetry/attributes.js";
import {
  type BatchReport,
  type CallPlace,
  isProgressEvent,
  ParallelToolNode,
  type ProgressEvent,
  resource,
} from "parallel-tools-node";
import { formatReport } from "parallel-tools-node/report";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AGENT_HOSTS, type AgentHost, GO } from "../support/agent-hosts.js";
import { toolThat } from "../support/agent-tool.js";
import { settle } from "../support/fake-clock.js";
import { untilStill } from "../support/kid-agent.js";
import { ask, callOf } from "../support/messages.js";
import { type Level, nestAgents } from "../support/nested-run.js";
import { Stage } from "../support/stage.js";

const tools = ["a", "b"].map((name) =>
  toolThat("function", name, async () => {
    await settle();
    return name;
  }),
);

/** The calls of each report, and those inside which they ran: `"a b < ask"`. */
function treeLines(reports: readonly BatchReport[]): string[] {
  const byId = new Map(reports.map((report) => [report.batchId, report]));
  expect(byId.size).toBe(reports.length);
  const around = (inside: CallPlace | undefined): string => {
    if (inside === undefined) return "";
    const { batchId, index, id, name } = inside;
    const parent = byId.get(batchId);
    expect(parent?.calls[index]).toMatchObject({ index, id, name });
    return ` < ${id}${around(parent?.inside)}`;
  };
  return reports.map(
    ({ calls, inside }) =>
      `${calls.map(({ name }) => name).join(" ")}${around(inside)}`,
  );
}

type Part = Omit<Level, "options"> & Partial<Level>;

async function play(...levels: Part[]) {
  const reports: BatchReport[] = [];
  const options = { onReport: (one: BatchReport) => reports.push(one) };
  const given = levels.map((level) => ({ options, ...level }));
  await nestAgents(given, tools).invoke(GO);
  return { reports, lines: treeLines(reports).toSorted() };
}

const parent = (host: AgentHost) => ({ host, turns: [["ask", "b", "ask"]] });
const kid = (host: AgentHost) => ({ host, turns: [["a", "b"], ["a"]] });

describe("a report names the call inside which its batch ran", () => {
  it.each(AGENT_HOSTS.flatMap((one) => AGENT_HOSTS.map((two) => [one, two])))(
    "in %s, with %s in its tools",
    async (one, two) => {
      const { lines } = await play(parent(one), kid(two));
      expect(lines).toEqual([
        "a < 0 ask 0",
        "a < 0 ask 2",
        "a b < 0 ask 0",
        "a b < 0 ask 2",
        "ask b ask",
      ]);
    },
  );

  it.each(AGENT_HOSTS)("at any depth, in %s", async (host) => {
    const { lines } = await play(
      { host, turns: [["ask"]] },
      { host: "graph", turns: [["b", "ask"]] },
      { host, turns: [["a"]] },
    );
    expect(lines).toEqual(["a < 1 ask 1 < 0 ask 0", "ask", "b ask < 0 ask 0"]);
  });

  it.each(AGENT_HOSTS)(
    "also with an agent in between that has nothing of ours, in %s",
    async (host) => {
      const { lines } = await play(
        { host, turns: [["ask", "ask"]] },
        { host, turns: [["ask"]], options: "stock" },
        kid(host),
      );
      expect(lines).toEqual([
        "a < 0 ask 0",
        "a < 0 ask 1",
        "a b < 0 ask 0",
        "a b < 0 ask 1",
        "ask ask",
      ]);
    },
  );

  it.each(AGENT_HOSTS)(
    "that is the nearest one of which there is a report, in %s",
    async (host) => {
      const silent = { maxConcurrency: 2 };
      const { lines } = await play(
        { host, turns: [["ask"]] },
        { host, turns: [["ask"]], options: silent },
        { host, turns: [["a"]] },
      );
      expect(lines).toEqual(["a < 0 ask 0", "ask"]);
    },
  );

  it("and none, where it ran in no call", async () => {
    const { reports } = await play(kid("graph"));
    expect(reports.map((report) => "inside" in report)).toEqual([false, false]);
    expect(reports.map(({ batchId }) => typeof batchId)).toEqual([
      "string",
      "string",
    ]);
  });
});

describe("a progress event names the call inside which its batch runs", () => {
  it.each(AGENT_HOSTS)("in %s", async (host) => {
    const options = { streamProgress: true };
    const events: ProgressEvent[] = [];
    const add = (chunk: unknown) => {
      if (isProgressEvent(chunk)) events.push(chunk);
    };
    const agent = nestAgents(
      [
        { ...parent(host), options },
        { ...kid("graph"), options },
      ],
      tools,
      add,
    );
    const stream = await agent.stream(GO, { streamMode: "custom" });
    for await (const chunk of stream) add(chunk);
    const started = events.flatMap((event) =>
      event.event === "call_started" ? [event] : [],
    );
    const own = started.find(({ id }) => id === "0 ask 2");
    const { batchId, index, id, name } = own!;
    const inside = started.filter((one) => one.inside?.id === id);
    expect(inside.map((one) => one.name)).toEqual(["a", "b", "a"]);
    expect(inside.map((one) => one.inside)).toEqual(
      inside.map(() => ({ batchId, index, id, name })),
    );
    expect("inside" in own!).toBe(false);
    const batches = new Set(events.map((event) => event.batch));
    const ids = new Set(events.map((event) => event.batchId));
    expect([batches.size, ids.size]).toEqual([5, 5]);
  });
});

describe("a report says how long the call around its batch waited to go on", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("where its slot had been lent", async () => {
    const [a, b] = [1, 2].map(() => resource({ concurrency: 1 }));
    const reports: BatchReport[] = [];
    const stage = new Stage();
    const shared = {
      resources: { a: a!, b: b! },
      onReport: (one: BatchReport) => reports.push(one),
    };
    const inner = new ParallelToolNode(stage.tools("on_a", "on_b"), {
      ...shared,
      policies: { on_a: { resources: "a" }, on_b: { resources: "b" } },
    });
    const asking = (name: string, kid: string) =>
      toolThat("function", name, async () => {
        await inner.invoke([ask(callOf(kid, kid))]);
        return "done";
      });
    const outer = new ParallelToolNode(
      [asking("ask_a", "on_b"), asking("ask_b", "on_a")],
      {
        ...shared,
        policies: {
          ask_a: { resources: "a" },
          ask_b: { resources: "b", timeoutMs: 10 },
        },
      },
    );
    const run = outer.invoke([ask(callOf("1", "ask_a"), callOf("2", "ask_b"))]);
    await untilStill();
    // Each has the slot that the other's call needs, so that of `ask_a` is lent.
    expect(stage.log).toEqual(["on_a start"]);
    await vi.advanceTimersByTimeAsync(10);
    await untilStill();
    expect(stage.log).toEqual(["on_a start", "on_a signal", "on_b start"]);
    await vi.advanceTimersByTimeAsync(5);
    await stage.finish("on_b");
    await vi.advanceTimersByTimeAsync(30);
    await stage.finish("on_a");
    await run;
    const seen = reports.map(
      ({ calls, resumeMs }) => `${calls[0]?.name}: ${resumeMs}`,
    );
    expect(seen.toSorted()).toEqual([
      "ask_a: undefined",
      "on_a: undefined",
      "on_b: 30",
    ]);
    const waited = reports.find(({ calls }) => calls[0]!.name === "on_b");
    expect(batchAttributes(waited!)).toMatchObject({
      "parallel_tools.batch.resume_ms": 30,
    });
    const [text] = formatReport(waited!, { width: 100 })
      .split("\n")
      .filter((line) => line.includes("to go on"));
    expect(text).toBe(
      "The call around them then waited 30 ms for a slot to go on.",
    );
  });
});
