import { dispatchCustomEvent } from "@langchain/core/callbacks/dispatch";
import { type ToolRuntime, tool } from "@langchain/core/tools";
import {
  getConfig,
  getCurrentTaskInput,
  getStore,
  getWriter,
  InMemoryStore,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { AgentHost } from "../support/agent-hosts.js";
import { callOf } from "../support/messages.js";
import { Baton } from "./support/baton.js";
import { normalised } from "./support/normalised.js";
import {
  collect,
  GO,
  hostProgram,
  once,
  THREAD,
  type Way,
  waysIn,
} from "./support/three-ways.js";

type Runtime = Omit<ToolRuntime, "context"> & LangGraphRunnableConfig;
type Look = (runtime: Runtime) => unknown;

const METADATA = [
  "langgraph_node",
  "langgraph_step",
  "langgraph_path",
  "langgraph_triggers",
  "langgraph_checkpoint_ns",
  "thread_id",
] as const;

/** What a tool can ask of the task in which it runs. */
const LOOKS: Record<string, Look> = {
  "getCurrentTaskInput()": () => getCurrentTaskInput(),
  "getCurrentTaskInput(config)": (runtime) => getCurrentTaskInput(runtime),
  "getCurrentTaskInput(runtime.config)": ({ config }) =>
    getCurrentTaskInput(config),
  "runtime.state": ({ state }) => state,
  "the checkpoint namespace": ({ configurable }) =>
    configurable?.["checkpoint_ns"],
  "the checkpoint namespace of getConfig()": () =>
    getConfig().configurable?.["checkpoint_ns"],
  "the configurable that is public": ({ configurable }) =>
    publicOf(configurable),
  "the configurable of getConfig() that is public": () =>
    publicOf(getConfig().configurable),
  "the public names in the config": (runtime) => namesOf(runtime),
  "the public names in getConfig()": () => namesOf(getConfig()),
  ...Object.fromEntries(
    METADATA.flatMap((name) => [
      [`metadata.${name}`, ({ metadata }: Runtime) => metadata?.[name]],
      [
        `metadata.${name} of getConfig()`,
        () => (getConfig() as Runtime).metadata?.[name],
      ],
    ]),
  ),
  executionInfo: ({ executionInfo }) => executionInfo,
  "executionInfo of getConfig()": () => getConfig().executionInfo,
  context: ({ context }) => context,
  "context of getConfig()": () => getConfig().context,
  store: async ({ store }) =>
    (await (store as unknown as InMemoryStore).get(["a"], "b"))?.value,
  "getStore()": async () => (await getStore()?.get(["a"], "b"))?.value,
  "getWriter()": () => typeof getWriter(),
  "recursionLimit, tags": ({ recursionLimit, tags }) => ({
    recursionLimit,
    tags,
  }),
  "the tool call": ({ toolCallId, toolCall }) => ({ toolCallId, toolCall }),
};

/** LangGraph's private keys are not what a tool is promised. */
function publicOf(configurable: object = {}): unknown {
  return Object.fromEntries(
    Object.entries(configurable).filter(([key]) => !key.startsWith("__")),
  );
}

function namesOf(config: object): string[] {
  return Object.keys(config).toSorted();
}

const CALLS = [callOf("1", "look", { n: 0 }), callOf("2", "look", { n: 1 })];

/** A thread of two turns of two calls each, which look. */
function start(way: Way, host: AgentHost, look: Look) {
  const seen: unknown[] = [];
  const baton = new Baton();
  const store = new InMemoryStore();
  const looking = tool(
    ({ n }, runtime: ToolRuntime) =>
      baton.inTurn(n, async () => {
        await Promise.resolve();
        seen.push(await look(runtime as Runtime));
        return `looked ${n}`;
      }),
    {
      name: "look",
      description: "Looks.",
      schema: z.object({ n: z.number() }),
    },
  );
  const turns = [CALLS, [callOf("3", "look", { n: 2 })]];
  const agent = hostProgram(way, host, { tools: [looking], turns, store });
  const config = { ...THREAD, context: { user: "ann" }, tags: ["mine"] };
  return { agent, config, seen, store };
}

async function seenBy(way: Way, host: AgentHost, look: Look) {
  const { agent, config, seen, store } = start(way, host, look);
  await store.put(["a"], "b", { kept: true });
  await agent.invoke(GO, config);
  expect(seen).toHaveLength(3);
  return normalised(seen);
}

describe.each(waysIn())("In $host with $way, a tool sees", ({ host, way }) => {
  test.each(Object.entries(LOOKS))("%s as with stock", async (name, look) => {
    const stock = await once([host, name], () => seenBy("stock", host, look));
    expect(await seenBy(way, host, look)).toEqual(stock);
  });

  /** What the user of a stream is shown of what a tool tells. */
  async function toldBy(
    who: Way,
    tell: Look,
    options: { streamMode: string; subgraphs: boolean },
  ) {
    const { agent, config } = start(who, host, tell);
    const items = await collect(agent.stream(GO, { ...config, ...options }));
    expect(items).toHaveLength(3);
    return normalised(items);
  }

  test.each<[string, Look]>([
    ["config.writer", ({ writer }) => writer?.("told")],
    ["getWriter(config)", (runtime) => getWriter(runtime)?.("told")],
  ])("a way to the user's stream in %s as with stock", async (_, tell) => {
    for (const subgraphs of [false, true]) {
      const options = { streamMode: "custom", subgraphs };
      const stock = await toldBy("stock", tell, options);
      expect(await toldBy(way, tell, options)).toEqual(stock);
    }
  });

  test("a way to listeners in dispatchCustomEvent as with stock", async () => {
    const heard = async (who: Way) => {
      const { agent, config } = start(who, host, () =>
        dispatchCustomEvent("progress", "half"),
      );
      const events = await collect(
        agent.streamEvents(GO, { ...config, version: "v2" }),
      );
      const custom = (events as { event: string }[]).filter(
        ({ event }) => event === "on_custom_event",
      );
      expect(custom).toHaveLength(3);
      return normalised(custom);
    };
    expect(await heard(way)).toEqual(await heard("stock"));
  });
});
