import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { tool } from "@langchain/core/tools";
import { GraphInterrupt, isInterrupted } from "@langchain/langgraph/web";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { AGENT_HOSTS, type AgentHost } from "../support/agent-hosts.js";
import { callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import { normalised } from "./support/normalised.js";
import {
  GO,
  hostProgram,
  OUR_WAYS,
  THREAD,
  type Way,
} from "./support/three-ways.js";

const warn = silenceWarnings();

/** Where `@langchain/core` keeps the async context that it was given. */
const CONTEXT = Symbol.for("ls:tracing_async_local_storage");
const world = globalThis as unknown as Record<symbol, unknown>;
let kept: unknown;

// As in a browser, where `@langchain/langgraph/web` is imported.
beforeEach(() => {
  kept = world[CONTEXT];
  delete world[CONTEXT];
  const contexts = AsyncLocalStorageProviderSingleton.getInstance();
  contexts.run({}, () => {
    expect(contexts.getStore()).toBeUndefined();
  });
});
afterEach(() => {
  world[CONTEXT] = kept;
});

const CALLS = [callOf("1", "pay"), callOf("2", "open"), callOf("3", "fail")];

function start(way: Way, host: AgentHost, pauses = 0) {
  const log: string[] = [];
  let left = pauses;
  const create = (name: string, act: () => string) =>
    tool(
      async () => {
        log.push(name);
        return act();
      },
      { name, description: name, schema: z.object({}) },
    );
  const tools = [
    create("pay", () => "paid"),
    // By hand: `interrupt` itself needs the async context.
    create("open", () => {
      left -= 1;
      if (left >= 0) throw new GraphInterrupt([{ value: "open?" }]);
      return "opened";
    }),
    create("fail", () => {
      throw new Error("down");
    }),
  ];
  return { agent: hostProgram(way, host, { tools, turns: [CALLS] }), log };
}

describe.each(AGENT_HOSTS)("Without AsyncLocalStorage, in %s,", (host) => {
  test.each(OUR_WAYS)("%s answers as stock does", async (way) => {
    const stock = start("stock", host);
    const wanted = normalised(await stock.agent.invoke(GO, THREAD));
    const ours = start(way, host);
    expect(normalised(await ours.agent.invoke(GO, THREAD))).toEqual(wanted);
    expect(ours.log).toEqual(stock.log);
  });

  test.each(OUR_WAYS)("%s goes on after a pause as stock does", async (way) => {
    const paused = async (who: Way) => {
      const { agent, log } = start(who, host, 1);
      const state = await agent.invoke(GO, THREAD);
      expect(isInterrupted(state)).toBe(true);
      const ended = normalised(await agent.invoke(null, THREAD));
      return { ended, paid: log.filter((line) => line === "pay").length };
    };
    const stock = await paused("stock");
    const ours = await paused(way);
    expect(ours.ended).toEqual(stock.ended);
    // With `durable` calls are kept, or one warning says that they can't be.
    const warnings = warn.mock.calls.map(([text]) => String(text));
    expect(warnings.filter((text) => !text.includes("`durable`"))).toEqual([]);
    const isAsPromised =
      way === "ours"
        ? ours.paid === stock.paid && warnings.length === 0
        : ours.paid === 1 || warnings.length === 1;
    expect(isAsPromised).toBe(true);
  });
});
