import { MemorySaver } from "@langchain/langgraph";
import type { ParallelToolNodeOptions } from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import {
  AGENT_HOSTS,
  type AgentHost,
  GO,
  hostAgent,
  readRun,
} from "../support/agent-hosts.js";
import {
  TOOL_KINDS,
  type ToolKind,
  type ToolRuntime,
  toolThat,
} from "../support/agent-tool.js";
import { playTime } from "../support/attempted-node.js";
import {
  createKid,
  releaseSearches,
  untilStill,
} from "../support/kid-agent.js";
import { LoggedModel } from "../support/logged-model.js";
import { callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

playTime();

/** How a tool hands its config on to the agent inside. */
const WAYS = {
  "no config": () => undefined,
  "its config": (runtime) => runtime,
  "a copy of its config": (runtime) => ({ ...runtime }),
  "the signal alone": ({ signal }) => ({ signal }),
  "the config of the step": ({ config }) => config,
} satisfies Record<string, (runtime: ToolRuntime) => object | undefined>;
type Way = keyof typeof WAYS;

const HANDED_ON = TOOL_KINDS.flatMap((kind) =>
  Object.keys(WAYS).map((way) => ({ kind, way: way as Way })),
);

interface Scene {
  readonly host: AgentHost;
  readonly options: ParallelToolNodeOptions;
  readonly way?: Way;
  readonly kind?: ToolKind;
  readonly kid?: AgentHost;
  /** Calls of the same message. */
  readonly beside?: readonly string[];
  readonly isDurable?: boolean;
  readonly signal?: AbortSignal;
}

/** An agent in a tool of an agent; all that starts is in the log of the stage. */
function play(scene: Scene) {
  const { host, options, way = "no config", kind = "function" } = scene;
  const { kid: kidHost = "agent v2", beside = [], isDurable = false } = scene;
  const stage = new Stage();
  const kid = createKid(stage, { host: kidHost });
  const ask = toolThat(kind, "ask", async (runtime) => {
    const { messages } = await kid.invoke(GO, WAYS[way](runtime));
    return String(messages.at(-1)?.text);
  });
  const calls = [
    callOf("p", "ask"),
    ...beside.map((name) => callOf(name, name)),
  ];
  const agent = hostAgent(
    host,
    new LoggedModel("parent", [calls], stage.log),
    [ask, ...beside.map((name) => stage.tool(name))],
    { ...options, durable: isDurable },
    isDurable ? new MemorySaver() : undefined,
  );
  const config = {
    configurable: { thread_id: "t" },
    ...(scene.signal && { signal: scene.signal }),
  };
  const run = agent.invoke(GO, config).then(
    ({ messages }) => readRun(messages).answers.join("\n"),
    (error: unknown) => `threw ${String(error)}`,
  );
  return { stage, run };
}

const TIMED: ParallelToolNodeOptions = {
  policies: { ask: { timeoutMs: 100 } },
};
const STARTED = ["parent model 1", "kid model 1", "k1 start", "k2 start"];
const STOPPED = "did not finish within 0.1 s, so this call was stopped";

describe.each(AGENT_HOSTS)("an agent inside a tool of %s", (host) => {
  describe.each([false, true])("(durable: %s)", (isDurable) => {
    it.each(HANDED_ON)(
      "ends at timeoutMs, where a $kind hands on $way",
      async ({ way, kind }) => {
        const options = TIMED;
        const { stage, run } = play({ host, options, way, kind, isDurable });
        await untilStill();
        expect(stage.log).toEqual(STARTED);
        await vi.advanceTimersByTimeAsync(100);
        expect(await run).toContain(`p error: Error: ask ${STOPPED}`);
        expect(stage.log).toContain("k1 signal");
        expect(await releaseSearches(stage)).toEqual([]);
      },
    );

    it("ends at batchTimeoutMs", async () => {
      const options = { batchTimeoutMs: 100 };
      const { stage, run } = play({ host, options, isDurable });
      await untilStill();
      await vi.advanceTimersByTimeAsync(100);
      expect(await run).toContain("p error: Error: the calls of this message");
      expect(await releaseSearches(stage)).toEqual([]);
    });

    it.each(TOOL_KINDS)(
      "in a %s ends when a call beside it fails and errors are thrown",
      async (kind) => {
        const options = { handleToolErrors: false };
        const beside = ["other"];
        const { stage, run } = play({ host, options, kind, beside, isDurable });
        await untilStill();
        await stage.fail("other");
        expect(await run).toBe("threw Error: other broke");
        expect(await releaseSearches(stage)).toEqual([]);
      },
    );
  });

  it.each<[string, ParallelToolNodeOptions]>([
    ["a limit in time", TIMED],
    ["no option", {}],
  ])("ends when the run is aborted, with %s", async (_, options) => {
    const controller = new AbortController();
    const { signal } = controller;
    const { stage, run } = play({ host, options, signal });
    await untilStill();
    controller.abort(new Error("the user went away"));
    expect(await run).toMatch(/^threw Error: (the user went away|Abort)/);
    expect(await releaseSearches(stage)).toEqual([]);
  });

  it.each(AGENT_HOSTS)("ends as a %s, too", async (kid) => {
    const { stage, run } = play({ host, options: TIMED, kid });
    await untilStill();
    await vi.advanceTimersByTimeAsync(100);
    await run;
    expect(await releaseSearches(stage)).toEqual([]);
  });

  it("runs to its end in time", async () => {
    const { stage, run } = play({ host, options: TIMED });
    for (const id of ["k1", "k2", "k3"]) await stage.finish(id);
    expect(await run).toBe("p ok: done");
  });
});
