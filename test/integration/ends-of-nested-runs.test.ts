import {
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import {
  AGENT_HOSTS,
  type AgentHost,
  GO,
  type HostedAgent,
  hostAgent,
  readRun,
} from "../support/agent-hosts.js";
import { TOOL_KINDS, type ToolKind, toolThat } from "../support/agent-tool.js";
import { playTime } from "../support/attempted-node.js";
import {
  createKid,
  releaseSearches,
  untilStill,
} from "../support/kid-agent.js";
import { LoggedModel } from "../support/logged-model.js";
import { ask as askFor, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

playTime();

const OPTIONS: ParallelToolNodeOptions = {
  policies: { ask: { timeoutMs: 100 } },
};

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** How the agent inside is run. */
const RUNS: Record<string, (kid: HostedAgent) => Promise<unknown>> = {
  invoke: (kid) => kid.invoke(GO),
  stream: async (kid) => drain(await kid.stream(GO)),
  "stream of messages": async (kid) =>
    drain(await kid.stream(GO, { streamMode: "messages", subgraphs: true })),
  "streamEvents v2": async (kid) =>
    drain(await kid.streamEvents(GO, { version: "v2" })),
  "streamEvents v3": async (kid) =>
    drain(await kid.streamEvents(GO, { version: "v3" })),
};
const RUN_NAMES = Object.keys(RUNS);

interface Setup {
  readonly kind?: ToolKind;
  readonly options?: ParallelToolNodeOptions;
  readonly signal?: AbortSignal;
}

/** An agent whose one tool does this. */
function start(
  host: AgentHost,
  stage: Stage,
  act: () => Promise<unknown>,
  { kind = "function", options = OPTIONS, signal }: Setup = {},
) {
  const ask = toolThat(kind, "ask", async () => {
    await act();
    return "asked";
  });
  const model = new LoggedModel("parent", [[callOf("p", "ask")]], stage.log);
  return hostAgent(host, model, [ask], options)
    .invoke(GO, { ...(signal && { signal }) })
    .then(({ messages }) => readRun(messages).answers.join("\n"));
}

describe.each(AGENT_HOSTS)("in a tool of %s", (host) => {
  it.each(RUN_NAMES)("a run by %s ends with its call", async (name) => {
    const stage = new Stage();
    const kid = createKid(stage);
    const run = start(host, stage, () => RUNS[name]!(kid));
    await untilStill();
    expect(stage.log).toContain("k2 start");
    await vi.advanceTimersByTimeAsync(100);
    expect(await run).toContain("p error: Error: ask did not finish");
    expect(await releaseSearches(stage)).toEqual([]);
  });

  it.each(
    RUN_NAMES.flatMap((name) => TOOL_KINDS.map((kind) => ({ name, kind }))),
  )(
    "a run by $name that a $kind begins after its call has ended starts nothing",
    async ({ name, kind }) => {
      const stage = new Stage();
      const kid = createKid(stage);
      const ended: string[] = [];
      let begin!: () => void;
      const gate = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const act = async () => {
        await gate;
        await RUNS[name]!(kid).then(
          () => ended.push("resolved"),
          () => ended.push("rejected"),
        );
      };
      const run = start(host, stage, act, { kind });
      await untilStill();
      await vi.advanceTimersByTimeAsync(100);
      await run;
      const before = stage.log.length;
      begin();
      await untilStill();
      expect(stage.log.slice(before)).toEqual([]);
      expect(ended).toEqual(["rejected"]);
    },
  );

  it.each(["agent v2", "react v1"] as const)(
    "a %s with threads of its own stays where it was when its call ended",
    async (kidHost) => {
      const stage = new Stage();
      const checkpointer = new MemorySaver();
      const kid = createKid(stage, { host: kidHost, checkpointer });
      const config = { configurable: { thread_id: "kid" } };
      const run = start(host, stage, () => kid.invoke(GO, config));
      await untilStill();
      await vi.advanceTimersByTimeAsync(100);
      await run;
      expect(await releaseSearches(stage)).toEqual([]);
    },
  );

  it("a queue of the agent inside is not worked off after its call", async () => {
    const stage = new Stage();
    const kid = createKid(stage, { options: { maxConcurrency: 1 } });
    const run = start(host, stage, () => kid.invoke(GO));
    await untilStill();
    expect(stage.log.at(-1)).toBe("k1 start");
    await vi.advanceTimersByTimeAsync(100);
    await run;
    expect(await releaseSearches(stage)).toEqual([]);
  });

  it("an agent of which one call has ended takes no other turn", async () => {
    const stage = new Stage();
    const kid = createKid(stage);
    const run = start(host, stage, () => kid.invoke(GO));
    await untilStill();
    await stage.finish("k1");
    await vi.advanceTimersByTimeAsync(100);
    await run;
    expect(await releaseSearches(stage)).toEqual([]);
  });

  it("another attempt of the call runs an agent of its own", async () => {
    const stage = new Stage();
    const kid = createKid(stage);
    const options: ParallelToolNodeOptions = {
      policies: {
        ask: {
          timeoutMs: 100,
          retry: {
            maxAttempts: 2,
            initialInterval: 1,
            jitter: false,
            logWarning: false,
          },
        },
      },
    };
    const run = start(host, stage, () => kid.invoke(GO), { options });
    await untilStill();
    await vi.advanceTimersByTimeAsync(101);
    await untilStill();
    expect(stage.log.filter((line) => line === "kid model 1")).toHaveLength(2);
    for (const id of ["k1", "k2", "k3"]) await stage.finish(id);
    expect(await run).toBe("p ok: asked");
    expect(stage.log.filter((line) => line === "kid model 2")).toHaveLength(1);
  });

  it("an agent that outlives its call ends with the run", async () => {
    const stage = new Stage();
    const kid = createKid(stage);
    const controller = new AbortController();
    const { signal } = controller;
    const act = async () => {
      kid.invoke(GO).catch((error: unknown) => {
        stage.log.push(`kid ${String(error)}`);
      });
    };
    const run = start(host, stage, act, { signal });
    expect(await run).toBe("p ok: asked");
    await untilStill();
    expect(stage.log).toContain("k2 start");
    controller.abort(new Error("the user went away"));
    await untilStill();
    expect(stage.log).toContain("kid Error: Abort");
    expect(await releaseSearches(stage)).toEqual([]);
  });
});

describe.each(AGENT_HOSTS)(
  "an agent in a tool of an agent in a tool of %s",
  (host) => {
    it.each(
      AGENT_HOSTS.flatMap((middle) =>
        (["stock", "capped", "timed"] as const).map((own) => ({ middle, own })),
      ),
    )(
      "ends with the outer call ($middle, $own, between)",
      async ({ middle, own }) => {
        const stage = new Stage();
        const kid = createKid(stage);
        const between = {
          stock: "stock" as const,
          capped: { maxConcurrency: 1 },
          timed: { policies: { inner: { timeoutMs: 1_000 } } },
        }[own];
        const inner = toolThat("function", "inner", async () => {
          await kid.invoke(GO);
          return "inner done";
        });
        const model = new LoggedModel(
          "middle",
          [[callOf("m", "inner")]],
          stage.log,
        );
        const agent = hostAgent(middle, model, [inner], between);
        const run = start(host, stage, () => agent.invoke(GO));
        await untilStill();
        expect(stage.log).toContain("k2 start");
        await vi.advanceTimersByTimeAsync(100);
        await run;
        expect(await releaseSearches(stage)).toEqual([]);
      },
    );
  },
);

describe("an agent in a tool with a limit in time ends with its step,", () => {
  /** A step of the node and of another one, after a step of nothing. */
  function startStep(other: () => Promise<void>, stepTimeout?: number) {
    const stage = new Stage();
    const kid = createKid(stage);
    const ask = toolThat("function", "ask", async () => {
      await kid.invoke(GO);
      return "asked";
    });
    const options = { policies: { ask: { timeoutMs: 60_000 } } };
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("before", () => ({}))
      .addNode("tools", new ParallelToolNode([ask], options))
      .addNode("other", async () => {
        await other();
        return {};
      })
      .addEdge(START, "before")
      .addEdge("before", "tools")
      .addEdge("before", "other")
      .compile();
    if (stepTimeout !== undefined) graph.stepTimeout = stepTimeout;
    const messages = [askFor(callOf("p", "ask"))];
    const run = graph.invoke({ messages }).catch((error: unknown) => error);
    return { stage, run };
  }

  it("when another node of the step fails", async () => {
    let fail!: (error: Error) => void;
    const failed = new Promise<void>((_, reject) => {
      fail = reject;
    });
    const { stage, run } = startStep(() => failed);
    await untilStill();
    expect(stage.log).toContain("k2 start");
    fail(new Error("other broke"));
    expect(await run).toMatchObject({ message: "other broke" });
    expect(await releaseSearches(stage)).toEqual([]);
  });

  it("when the step takes too long for its graph", async () => {
    // AbortSignal.timeout can't be faked: LangGraph's own clock it is.
    const { stage, run } = startStep(async () => {}, 100);
    expect(await run).toBeInstanceOf(Error);
    expect(stage.log).toContain("k2 start");
    expect(await releaseSearches(stage)).toEqual([]);
  });
});
