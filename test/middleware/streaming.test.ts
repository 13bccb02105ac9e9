import type { StreamMode } from "@langchain/langgraph";
import { tool, type ToolRuntime } from "@langchain/core/tools";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { callOf } from "../support/messages.js";
import {
  ScriptedAgent,
  type Version,
  VERSIONS,
} from "./support/scripted-agent.js";

const CALLS = [
  callOf("1", "echo", { text: "one" }),
  callOf("2", "boom"),
  callOf("3", "echo", { text: "three" }),
];

function createAgent(version: Version, options: object | "none") {
  const echo = tool(
    ({ text }, { writer }: ToolRuntime) => {
      writer?.({ said: text });
      return text;
    },
    {
      name: "echo",
      description: "Says it again.",
      schema: z.object({ text: z.string() }),
    },
  );
  const boom = tool(
    () => {
      throw new Error("no");
    },
    { name: "boom", description: "Breaks.", schema: z.object({}) },
  );
  return new ScriptedAgent([echo, boom] as never[], [CALLS], {
    version,
    options,
  });
}

/** What is the same in two runs: no ids that were drawn, no times. */
function comparable(value: unknown): unknown {
  const drawn =
    /^(?:run_id|parent_ids|id|langgraph_checkpoint_ns|checkpoint_ns|__pregel_task_id|lc_id|ls_run_id|timestamp|start_time|created_at)$/;
  const text = JSON.stringify(value, (key, inner: unknown) =>
    drawn.test(key) ? undefined : inner,
  );
  const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g;
  return JSON.parse(text.replaceAll(uuid, "uuid"));
}

describe.each(VERSIONS)("createAgent %s", (version) => {
  test.each<StreamMode>([
    "values",
    "updates",
    "messages",
    "custom",
    "tasks",
    "debug",
  ])("streams in mode %s what it streams without us", async (mode) => {
    const ours = await createAgent(version, {}).stream(mode);
    const plain = await createAgent(version, "none").stream(mode);
    expect(comparable(ours)).toEqual(comparable(plain));
    expect(ours.length).toBeGreaterThan(1);
  });

  test("has the events that it has without us", async () => {
    const eventsOf = async (options: object | "none") => {
      const { agent } = createAgent(version, options);
      const events: unknown[] = [];
      for await (const { event, name, data } of agent.streamEvents(
        { messages: [{ role: "user", content: "Go." }] },
        { version: "v2" },
      )) {
        events.push(comparable({ event, name, data }));
      }
      return events;
    };
    expect(await eventsOf({})).toEqual(await eventsOf("none"));
  });

  test("draws the graph that it draws without us", async () => {
    const draw = (options: object | "none") =>
      createAgent(version, options).agent.drawMermaid();
    expect(await draw({})).toBe(await draw("none"));
  });
});
