import {
  type BatchReport,
  type CallPlace,
  isProgressEvent,
  type ProgressEvent,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { AGENT_HOSTS, type AgentHost, GO } from "../support/agent-hosts.js";
import { toolThat } from "../support/agent-tool.js";
import { settle } from "../support/fake-clock.js";
import { type Level, nestAgents } from "../support/nested-run.js";

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
